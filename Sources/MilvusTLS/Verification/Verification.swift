import JSON
import PKI

/// What logs and handshakes, taken together, say about the TLS of every pod.
struct Verification {
  /// The condition `Verified`.
  let condition: Condition
  let logs: LogVerification
  /// Endpoints with what handshakes proved, for the status.
  let endpoints: [(endpoint: Endpoint, verdict: Verdict)]
  /// Endpoints with which handshakes are to be made.
  let wanted: [Endpoint]

  /// - Parameters:
  ///   - digest: what the pods carry that were started with the present certificates and configuration.
  ///   - certificate: the one in the Secret.
  ///   - config: `spec.config` of the Milvus.
  init(intent: TLSIntent, digest: String, certificate: Certificate, config: JSONValue?, observation: Observation) {
    let pods = observation.pods.filter { !$0.isDeleting }.sorted { $0.name < $1.name }
    let current = pods.filter { $0.digest == digest }
    logs = LogVerification(of: current, intent: intent, observation: observation)
    wanted =
      intent.spec.makesHandshakes
      ? current.filter(\.isReady).flatMap {
        Endpoint.all(of: $0, intent: intent, config: config, certificate: certificate)
      } : []
    endpoints = wanted.compactMap { endpoint in observation.endpointVerdicts[endpoint.memoryKey].map { (endpoint, $0) }
    }
    condition =
      Self.refutation(logs, endpoints) ?? Self.obstacle(pods, current) ?? logs.obstacle
      ?? Self.open(current, intent, logs, endpoints) ?? Self.confirmation(current.count, intent, logs, endpoints)
  }

  /// False: the first evidence against it.
  private static func refutation(
    _ logs: LogVerification,
    _ endpoints: [(endpoint: Endpoint, verdict: Verdict)]
  ) -> Condition? {
    for (pod, verdict) in logs.read {
      guard case .refuted(let evidence) = verdict else { continue }
      return Condition("Verified", .false, "LogRefutes", "pod \(pod.name): \(evidence)")
    }
    for (endpoint, verdict) in endpoints {
      guard case .refuted(let evidence) = verdict else { continue }
      return Condition(
        "Verified",
        .false,
        "HandshakeRefutes",
        "pod \(endpoint.podName), \(endpoint.kind.rawValue): \(evidence)"
      )
    }
    return nil
  }

  /// Unknown: pods that are not there, or not yet of the present template.
  private static func obstacle(_ pods: [ObservedPod], _ current: [ObservedPod]) -> Condition? {
    guard !pods.isEmpty else { return Condition("Verified", .unknown, "NoPods", "no pod of this Milvus runs") }
    guard let old = pods.first(where: { pod in !current.contains { $0.uid == pod.uid } }) else { return nil }
    let count = pods.count - current.count
    return Condition(
      "Verified",
      .unknown,
      "RollingOut",
      "\(count) of \(pods.count) pods still run without the present certificate, \(old.name) first"
    )
  }

  /// Unknown: a pod of which something is not proven.
  private static func open(
    _ pods: [ObservedPod],
    _ intent: TLSIntent,
    _ logs: LogVerification,
    _ endpoints: [(endpoint: Endpoint, verdict: Verdict)]
  ) -> Condition? {
    if let pod = pods.first(where: { !$0.isReady }) {
      let count = pods.count { !$0.isReady }
      let message = "\(count) of \(pods.count) pods not yet ready, \(pod.name) first"
      return Condition("Verified", .unknown, "WaitingForPods", message)
    }
    for pod in pods {
      if intent.external != .disabled, pod.servesClients,
        let condition = handshakeObstacle(pod, .external, intent, endpoints)
      {
        return condition
      }
      guard intent.isInternalEnabled, !logs.confirms(pod) else { continue }
      let byHandshake = handshakeObstacle(pod, .internal, intent, endpoints)
      if byHandshake != nil { return logs.doubt(about: pod) ?? byHandshake }
    }
    return nil
  }

  /// Why no handshake proves an endpoint of a pod; nil where one does.
  private static func handshakeObstacle(
    _ pod: ObservedPod,
    _ kind: Endpoint.Kind,
    _ intent: TLSIntent,
    _ endpoints: [(endpoint: Endpoint, verdict: Verdict)]
  ) -> Condition? {
    guard intent.spec.makesHandshakes else {
      let message = "spec.verification.handshake is false, and no log tells of \(kind.rawValue) TLS"
      return Condition("Verified", .unknown, "HandshakesNotMade", message)
    }
    let verdicts = endpoints.filter { $0.endpoint.run == pod.run && $0.endpoint.kind == kind }.map(\.verdict)
    // Of several ports of a pod some are not there in each release; none of them refutes, which came before.
    let first = verdicts.first { if case .confirmed = $0 { true } else { false } } ?? verdicts.first
    switch first {
    case .confirmed, .refuted: return nil
    case .unknown(let reason):
      return Condition("Verified", .unknown, "HandshakeUnclear", "pod \(pod.name), \(kind.rawValue): \(reason)")
    case nil:
      let message = "no handshake yet with pod \(pod.name), \(kind.rawValue)"
      return Condition("Verified", .unknown, "WaitingForHandshakes", message)
    }
  }

  /// True: everything is proven.
  private static func confirmation(
    _ count: Int,
    _ intent: TLSIntent,
    _ logs: LogVerification,
    _ endpoints: [(endpoint: Endpoint, verdict: Verdict)]
  ) -> Condition {
    let pods = "\(count) pod\(count == 1 ? "" : "s")"
    let confirmed = endpoints.count { if case .confirmed = $0.verdict { true } else { false } }
    let handshakes = "\(confirmed) handshake\(confirmed == 1 ? "" : "s") with \(pods)"
    let byLogs = intent.isInternalEnabled && !logs.read.isEmpty
    let line = "Internal TLS Enabled, value=true, in the log of \(pods)"
    if intent.external == .disabled, byLogs { return Condition("Verified", .true, "LogsConfirm", line) }
    if !byLogs { return Condition("Verified", .true, "HandshakesConfirm", handshakes) }
    return Condition("Verified", .true, "LogsAndHandshakesConfirm", "\(line); \(handshakes)")
  }
}
