import PKI

/// The ports of a release that answer clients without TLS, beside those that serve TLS.
struct PlaintextExposure {
  /// The ports to ask.
  let wanted: [ListeningPort]
  /// What was found.
  let findings: [Finding]
  /// The condition `PlaintextExposed`; nil while not every port has been asked.
  let condition: Condition?

  typealias Finding = MilvusTLSStatus.PlaintextPort

  /// - Parameters:
  ///   - pods: those that are ready and run with the present configuration.
  ///   - configuration: of the Milvus.
  init(
    of pods: [ObservedPod],
    milvus: ObservedMilvus,
    intent: TLSIntent,
    configuration: MilvusConfiguration,
    evidence: Evidence
  ) {
    guard intent.spec.asksInPlaintext else {
      (wanted, findings) = ([], [])
      condition = Condition(PlaintextReason.notAsked, "Not asked (spec.verification.plaintext is false)")
      return
    }
    let settings = configuration.currentSettings
    let ports = pods.map { ($0, ListeningPort.all(of: $0, settings: settings)) }
    wanted = ports.flatMap(\.1)
    let answers = wanted.compactMap { port in evidence.plaintext[port].map { (port, $0) } }
    guard !wanted.isEmpty, answers.count == wanted.count else {
      (findings, condition) = ([], nil)
      return
    }
    let found = Self.found(ports, evidence: evidence, intent: intent, configuration: configuration)
    findings = found
    condition = Self.judge(found, answers, service: Self.service(found, milvus, configuration))
  }

  private static func found(
    _ ports: [(ObservedPod, [ListeningPort])],
    evidence: Evidence,
    intent: TLSIntent,
    configuration: MilvusConfiguration
  ) -> [Finding] {
    var findings: [Finding] = []
    for (pod, ports) in ports {
      for port in ports {
        guard let answer = evidence.plaintext[port], let spoken = answer.exposed else { continue }
        let text = Self.text(port.purpose, answer, release: configuration.release(of: pod), intent: intent)
        let index = findings.firstIndex { ($0.port, $0.protocol, $0.evidence) == (port.port, spoken, text) }
        if let index {
          findings[index].pods += 1
        } else {
          findings.append(Finding(port: port.port, protocol: spoken, evidence: text, pods: 1, example: pod.name))
        }
      }
    }
    return findings.sorted { ($0.port, $0.evidence) < ($1.port, $1.evidence) }
  }

  /// What a port is for, and what makes it worse.
  private static func text(
    _ purpose: ListeningPort.Purpose,
    _ answer: PlaintextAnswer,
    release: MilvusRelease?,
    intent: TLSIntent
  ) -> String {
    switch purpose {
    case .external, .rest:
      return "for clients" + (intent.external == .disabled ? "; external TLS is disabled" : "")
    case .internal: return "for components" + (intent.isInternalEnabled ? "" : "; internal TLS is disabled")
    case .declared: return "declared by a container"
    case .metrics:
      let texts = answer.apis(in: release)
      return (["metrics and administration, for which Milvus has no TLS"] + texts).joined(separator: "; ")
    }
  }

  /// That the Service publishes the metrics port, as the end of the message: milvus-operator puts it beside gRPC.
  private static func service(
    _ findings: [Finding],
    _ milvus: ObservedMilvus,
    _ configuration: MilvusConfiguration
  ) -> String {
    guard findings.contains(where: { $0.port == MilvusPort.metrics }) else { return "" }
    let serving = configuration.serving
    let type = configuration.current[MilvusConfiguration.components.appending(serving.rawValue)]?["serviceType"]?.string
    let kind = type.map { $0 == "ClusterIP" || $0.isEmpty ? "" : " (\($0))" } ?? ""
    let name = ClientService.name(of: milvus.name)
    return ". Service \(name)\(kind) publishes port \(MilvusPort.metrics): a NetworkPolicy can close it"
  }

  private static func judge(
    _ findings: [Finding],
    _ answers: [(ListeningPort, PlaintextAnswer)],
    service: String
  ) -> Condition {
    guard findings.isEmpty else {
      let texts = findings.map { finding in
        let pods =
          finding.pods == 1 ? "pod \(finding.example)" : "\(finding.pods.of("pod")) (\(finding.example), ...)"
        return "Port \(finding.port) of \(pods) answers \(finding.protocol) without TLS: \(finding.evidence)"
      }
      return Condition(PlaintextReason.answersInPlaintext, texts.joined(separator: ". ") + service)
    }
    guard answers.contains(where: { $0.1.isReached }) else {
      let (port, answer) = answers[0]
      let reason = if case .unreachable(let text) = answer.answer { text } else { "" }
      let message =
        "No port of the pods is reachable from the operator (pod \(port.podName), port \(port.port): \(reason))"
      return Condition(PlaintextReason.notReachable, message)
    }
    return Condition(PlaintextReason.noAnswerInPlaintext, "No port answers the operator without TLS")
  }
}
