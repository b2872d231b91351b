import Foundation
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
  /// What answers without TLS.
  let plaintext: PlaintextExposure
  /// When logs that can still tell are waited for no longer, because handshakes confirm; nil where none is.
  let patienceEnd: Date?

  /// - Parameters:
  ///   - digest: what the pods carry that were started with the present certificates and configuration; nil where the
  ///     operator has not configured them.
  ///   - certificate: the one in the Secret; nil where it is not known.
  ///   - internalCertificate: the one that components serve to each other; nil where it is not known.
  init(
    intent: TLSIntent,
    digest: String?,
    certificate: Certificate?,
    internalCertificate: Certificate?,
    milvus: ObservedMilvus,
    configuration: MilvusConfiguration,
    observation: Observation
  ) {
    let (ports, logSettings) = (configuration.ports, LogSettings(configuration.settings))
    let pods = observation.pods.filter { !$0.isDeleting }.sorted { $0.name < $1.name }
    let current = pods.filter { $0.digest == digest }
    logs = LogVerification(of: current, intent: intent, settings: logSettings, observation: observation)
    wanted =
      intent.spec.makesHandshakes
      ? current.filter(\.isReady).flatMap {
        Endpoint.all(
          of: $0,
          intent: intent,
          ports: ports,
          certificate: certificate,
          internalCertificate: internalCertificate
        )
      } : []
    endpoints = wanted.compactMap { endpoint in
      observation.evidence.handshakes[endpoint.memoryKey].map { (endpoint, $0) }
    }
    plaintext = PlaintextExposure(
      of: current.filter(\.isReady),
      milvus: milvus,
      intent: intent,
      configuration: configuration,
      evidence: observation.evidence
    )
    let proof = InternalProof(
      of: intent.isInternalEnabled ? current : [],
      intent: intent,
      ports: ports,
      logs: logs,
      endpoints: endpoints,
      now: observation.now
    )
    patienceEnd = proof.patienceEnd
    condition =
      Self.refutation(logs, endpoints, configuration, current) ?? Self.rollout(pods, current)
      ?? Self.open(current, intent, proof, wanted, endpoints)
      ?? Self.confirmation(current, intent, proof, endpoints, isKnown: certificate != nil)
  }

  /// The evidence that is still needed, or has to be renewed.
  /// - Parameter installed: the certificates; nil where they are not known.
  func request(for installed: InstalledCertificates?) -> EvidenceRequest {
    var request = EvidenceRequest()
    request.logs = logs.unread
    request.crashLogs = logs.unreadCrashes
    if !wanted.isEmpty {
      let unknown = TLSPlan.Handshakes(endpoints: wanted, authorities: [], client: nil)
      request.handshakes = installed?.handshakes(with: wanted) ?? unknown
    }
    request.plaintext = plaintext.wanted
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
  private static func refutation(
    _ logs: LogVerification,
    _ endpoints: [EndpointVerdict],
    _ configuration: MilvusConfiguration,
    _ pods: [ObservedPod]
  ) -> Condition? {
    for (pod, verdict) in logs.read {
      guard let evidence = verdict.refutation else { continue }
      return Condition(VerifiedReason.logRefutes, "Log of pod \(pod.name): \(evidence)")
    }
    for (endpoint, verdict) in endpoints {
      guard let evidence = verdict.refutation else { continue }
      let pod = pods.first { $0.run == endpoint.run }
      let hint = pod.flatMap { unsupported($0, endpoint.kind, configuration) } ?? override(evidence, configuration)
      return Condition(VerifiedReason.handshakeRefutes, "\(endpoint.title): \(evidence)\(hint)")
    }
    return nil
  }

  /// That a pod's release has no internal TLS, as the end of a message; nil where it has, or is not known.
  private static func unsupported(
    _ pod: ObservedPod,
    _ kind: Endpoint.Kind,
    _ configuration: MilvusConfiguration
  ) -> String? {
    let since = MilvusVersionTable.Feature.streamingNodeTLS.since
    guard kind == .internal, pod.component == .streamingNode, let release = configuration.release(of: pod),
      release < since
    else { return nil }
    return "; the streaming node has internal TLS since Milvus \(since), this is \(release)"
  }

  /// What may override the configuration of a port that answers in plaintext, as the end of a message.
  private static func override(_ evidence: String, _ configuration: MilvusConfiguration) -> String {
    guard evidence.hasSuffix(HandshakeAnswers.plaintext) else { return "" }
    let variables = configuration.settings.unreadVariables
    guard variables.isEmpty else { return ", although TLS is configured: see \(variables.joined(separator: ", "))" }
    let spellings = configuration.settings.unusualSpellings
    guard spellings.isEmpty else {
      return ", although TLS is configured: \(spellings.joined(separator: ", ")) is not spelled as in the image's "
        + "milvus.yaml, and Milvus may take that one"
    }
    return ", although TLS is configured: keys in etcd under <etcd.rootPath>/config may override it"
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
    _ proof: InternalProof,
    _ wanted: [Endpoint],
    _ endpoints: [EndpointVerdict]
  ) -> Condition? {
    if let pod = pods.first(where: { !$0.isReady }) {
      let count = pods.count { !$0.isReady }
      return Condition(VerifiedReason.waitingForPods, "\(count) of \(pods.count.of("pod")) not ready (\(pod.name))")
    }
    // Internal TLS first: with handshakes disabled, a CA rotation goes on without proof of external TLS.
    if let condition = proof.open { return condition }
    for pod in pods where intent.external != .disabled && pod.servesClients {
      let isRESTWanted = wanted.contains { $0.run == pod.run && $0.kind == .rest }
      for kind in [Endpoint.Kind.external] + (isRESTWanted ? [.rest] : []) {
        if let condition = endpoints.doubt(about: pod, kind, isMade: intent.spec.makesHandshakes) { return condition }
      }
    }
    return nil
  }

  /// True: everything is proven that can be.
  /// - Parameter isKnown: whether the certificate is known that has to be served.
  private static func confirmation(
    _ pods: [ObservedPod],
    _ intent: TLSIntent,
    _ proof: InternalProof,
    _ endpoints: [EndpointVerdict],
    isKnown: Bool
  ) -> Condition {
    let confirmed = endpoints.filter(\.verdict.isConfirmed)
    let isShown = intent.external != .disabled || !proof.byHandshake.isEmpty
    guard isShown || !proof.byLog.isEmpty else {
      return Condition(VerifiedReason.noPods, "The Milvus has no pods whose TLS can be proven" + proof.exceptions)
    }
    let count = Set(confirmed.map(\.endpoint.run)).count
    let shown =
      isKnown ? "confirmed the certificate" : "showed a valid certificate, which the operator compares with none"
    let handshakes = "\(confirmed.count.of("handshake")) with \(count.of("pod")) \(shown)"
    let line = "Logs of \(proof.byLog.count.of("pod")) say Internal TLS Enabled, value=true"
    let (reason, message): (VerifiedReason, String) =
      switch (proof.byLog.isEmpty, isShown) {
      case (false, false): (.logsConfirm, line)
      case (true, _): (.handshakesConfirm, handshakes)
      case (false, true): (.logsAndHandshakesConfirm, "\(line); \(handshakes)")
      }
    return Condition(reason, message + proof.exceptions)
  }
}

extension Endpoint {
  /// The endpoint for people.
  fileprivate var title: String { "Pod \(podName), \(kind.title)" }
}

extension Endpoint.Kind {
  var title: String {
    switch self {
    case .external: "gRPC port"
    case .rest: "REST port"
    case .internal: "internal port"
    }
  }
}
