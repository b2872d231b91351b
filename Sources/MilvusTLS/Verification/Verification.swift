import PKI

/// What logs and handshakes, taken together, say about the TLS of every pod.
struct Verification {
  typealias EndpointVerdict = (endpoint: Endpoint, verdict: Verdict)

  /// The condition `Verified`.
  let condition: Condition
  let logs: LogVerification
  /// Endpoints with what handshakes proved.
  let endpoints: [EndpointVerdict]
  /// Endpoints with which handshakes have to be made.
  let wanted: [Endpoint]

  /// - Parameters:
  ///   - digest: what the pods carry that were started with the present certificates and configuration.
  ///   - certificate: the one in the Secret.
  ///   - ports: of the release.
  init(intent: TLSIntent, digest: String, certificate: Certificate, ports: MilvusPorts, observation: Observation) {
    let pods = observation.pods.filter { !$0.isDeleting }.sorted { $0.name < $1.name }
    let current = pods.filter { $0.digest == digest }
    logs = LogVerification(of: current, intent: intent, observation: observation)
    wanted =
      intent.spec.makesHandshakes
      ? current.filter(\.isReady).flatMap {
        Endpoint.all(of: $0, intent: intent, ports: ports, certificate: certificate)
      } : []
    endpoints = wanted.compactMap { endpoint in
      observation.evidence.handshakes[endpoint.memoryKey].map { (endpoint, $0) }
    }
    condition =
      Self.refutation(logs, endpoints) ?? Self.rollout(pods, current) ?? logs.obstacle
      ?? Self.open(current, intent, logs, wanted, endpoints)
      ?? Self.confirmation(current.count, intent, logs, endpoints)
  }

  /// The evidence that is still needed, or has to be renewed.
  func request(for installed: InstalledCertificates) -> EvidenceRequest {
    var request = EvidenceRequest()
    request.logs = logs.unread
    request.handshakes = wanted.isEmpty ? nil : installed.handshakes(with: wanted)
    return request
  }

  /// Whether no pod has still to be proven.
  var isSettled: Bool {
    let reason = VerifiedReason(rawValue: condition.reason)
    return reason == .noPods || reason?.permitsRotation ?? false
  }

  /// Whether handshakes showed the present certificate of every pod that serves one. A log does not say which
  /// certificate the pod has loaded.
  var isCertificateShown: Bool { VerifiedReason(rawValue: condition.reason) == .handshakesConfirm }

  /// A pod that serves a certificate that the release used before, although it was started for the present one.
  var outdatedPod: String? {
    endpoints.lazy.compactMap { if case .outdated = $0.verdict { $0.endpoint.podName } else { nil } }.first
  }

  /// False: the first evidence against it.
  private static func refutation(_ logs: LogVerification, _ endpoints: [EndpointVerdict]) -> Condition? {
    for (pod, verdict) in logs.read {
      guard let evidence = verdict.refutation else { continue }
      return Condition(VerifiedReason.logRefutes, "Log of pod \(pod.name): \(evidence)")
    }
    for (endpoint, verdict) in endpoints {
      guard let evidence = verdict.refutation else { continue }
      return Condition(VerifiedReason.handshakeRefutes, "\(endpoint.title): \(evidence)")
    }
    return nil
  }

  /// Unknown: pods that are not there, or not yet of the present template.
  private static func rollout(_ pods: [ObservedPod], _ current: [ObservedPod]) -> Condition? {
    guard !pods.isEmpty else { return Condition(VerifiedReason.noPods, "The Milvus has no pods") }
    guard let old = pods.first(where: { pod in !current.contains { $0.uid == pod.uid } }) else { return nil }
    let count = pods.count - current.count
    let message = "\(count) of \(pods.count.of("pod")) not updated to the current certificate (\(old.name))"
    return Condition(VerifiedReason.rollingOut, message)
  }

  /// Unknown: a pod of which something is not proven.
  private static func open(
    _ pods: [ObservedPod],
    _ intent: TLSIntent,
    _ logs: LogVerification,
    _ wanted: [Endpoint],
    _ endpoints: [EndpointVerdict]
  ) -> Condition? {
    if let pod = pods.first(where: { !$0.isReady }) {
      let count = pods.count { !$0.isReady }
      return Condition(VerifiedReason.waitingForPods, "\(count) of \(pods.count.of("pod")) not ready (\(pod.name))")
    }
    // Internal TLS first: with handshakes disabled, a CA rotation goes on without proof of external TLS.
    for pod in pods where intent.isInternalEnabled && !logs.confirms(pod) {
      let byHandshake = unproven(pod, .internal, intent, endpoints)
      if byHandshake != nil { return logs.doubt(about: pod) ?? byHandshake }
    }
    for pod in pods where intent.external != .disabled && pod.servesClients {
      let isRESTWanted = wanted.contains { $0.run == pod.run && $0.kind == .rest }
      for kind in [Endpoint.Kind.external] + (isRESTWanted ? [.rest] : []) {
        if let condition = unproven(pod, kind, intent, endpoints) { return condition }
      }
    }
    return nil
  }

  /// Why no handshake proves a kind of endpoint of a pod; nil where one does.
  private static func unproven(
    _ pod: ObservedPod,
    _ kind: Endpoint.Kind,
    _ intent: TLSIntent,
    _ endpoints: [EndpointVerdict]
  ) -> Condition? {
    guard intent.spec.makesHandshakes else {
      let message = "spec.verification.handshake is false, and no log proves \(kind.rawValue) TLS"
      return Condition(VerifiedReason.handshakesNotMade, message)
    }
    let verdicts = endpoints.filter { $0.endpoint.run == pod.run && $0.endpoint.kind == kind }.map(\.verdict)
    // Of several ports of a pod some do not exist in each release; none of them refutes, which came before.
    switch verdicts.first(where: \.isConfirmed) ?? verdicts.first {
    case .confirmed, .refuted, .outdated: return nil
    case .unknown(let reason):
      return Condition(VerifiedReason.handshakeUnclear, "Pod \(pod.name), \(kind.title): \(reason)")
    case nil:
      return Condition(VerifiedReason.waitingForHandshakes, "Pod \(pod.name), \(kind.title): no handshake yet")
    }
  }

  /// True: everything is proven.
  private static func confirmation(
    _ count: Int,
    _ intent: TLSIntent,
    _ logs: LogVerification,
    _ endpoints: [EndpointVerdict]
  ) -> Condition {
    let confirmed = endpoints.count { $0.verdict.isConfirmed }
    let handshakes = "\(confirmed.of("handshake")) with \(count.of("pod")) confirmed the certificate"
    let byLogs = intent.isInternalEnabled && !logs.read.isEmpty
    let line = "Logs of \(count.of("pod")) say Internal TLS Enabled, value=true"
    if intent.external == .disabled, byLogs { return Condition(VerifiedReason.logsConfirm, line) }
    if !byLogs { return Condition(VerifiedReason.handshakesConfirm, handshakes) }
    return Condition(VerifiedReason.logsAndHandshakesConfirm, "\(line); \(handshakes)")
  }
}

extension Endpoint {
  /// The endpoint for people.
  fileprivate var title: String { "Pod \(podName), \(kind.title)" }
}

extension Endpoint.Kind {
  fileprivate var title: String {
    switch self {
    case .external: "gRPC port"
    case .rest: "REST port"
    case .internal: "internal port"
    }
  }
}
