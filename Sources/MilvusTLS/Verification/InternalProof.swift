import Foundation

/// What proves internal TLS, pod by pod: a pod's own log, or a handshake with one of its ports.
struct InternalProof {
  /// Pods whose log confirms.
  private(set) var byLog: [ObservedPod] = []
  /// Pods of which a handshake alone confirms.
  private(set) var byHandshake: [ObservedPod] = []
  /// Pods of which neither can prove anything.
  private(set) var unprovable: [ObservedPod] = []
  /// When a log that can still tell is waited for no longer beside a handshake that confirms.
  private(set) var patienceEnd: Date?
  /// Unknown: the first pod that is not proven and can be.
  let open: Condition?

  /// - Parameters:
  ///   - pods: those that run with the current certificates and configuration.
  ///   - endpoints: what handshakes with them proved.
  init(
    of pods: [ObservedPod],
    intent: TLSIntent,
    ports: MilvusPorts,
    logs: LogVerification,
    endpoints: [Verification.EndpointVerdict],
    now: Date
  ) {
    var (awaited, doubted): ([ObservedPod], Condition?) = ([], nil)
    for pod in pods {
      let doubt = endpoints.doubt(about: pod, .internal, isMade: intent.spec.makesHandshakes, logs: logs)
      let end = pod.startedAt.map { $0 + LogVerification.patience } ?? now
      if logs.confirms(pod) {
        byLog.append(pod)
      } else if doubt == nil, logs.isOpen(pod), now < end {
        awaited.append(pod)
        patienceEnd = [patienceEnd, end].compactMap(\.self).min()
      } else if doubt == nil {
        byHandshake.append(pod)
      } else if logs.isOpen(pod) {
        awaited.append(pod)
      } else if ports.internal(of: pod.component).isEmpty {
        unprovable.append(pod)
      } else if doubted == nil {
        doubted = logs.doubt(about: pod) ?? doubt
      }
    }
    let waiting = awaited.first.map { pod in
      let message = "Logs of \(awaited.count) of \(pods.count.of("pod")) not read yet (\(pod.name))"
      return Condition(VerifiedReason.waitingForPods, message)
    }
    open = waiting ?? doubted
  }

  /// Names the pods that are left out, as the end of a message; empty without any.
  var exceptions: String {
    guard let first = unprovable.first else { return "" }
    let names = unprovable.prefix(3).map(\.name).joined(separator: ", ")
    let others = unprovable.count > 3 ? " and \(unprovable.count - 3) more" : ""
    let reason =
      first.component == .cdc
      ? "a CDC component has no port and no log line that could prove it"
      : "no port of the component is known, and the log does not say"
    return "; internal TLS of \(names)\(others) is left out: \(reason)"
  }
}

extension [Verification.EndpointVerdict] {
  /// Why no handshake proves a kind of endpoint of a pod; nil where one does.
  /// - Parameters:
  ///   - isMade: whether handshakes are made at all.
  ///   - logs: what else could prove it.
  func doubt(
    about pod: ObservedPod,
    _ kind: Endpoint.Kind,
    isMade: Bool,
    logs: LogVerification? = nil
  ) -> Condition? {
    let silence = logs?.silence.map { "; \($0)" } ?? ""
    guard isMade else {
      let message = "spec.verification.handshake is false, and no log proves \(kind.rawValue) TLS" + silence
      return Condition(VerifiedReason.handshakesNotMade, message)
    }
    let verdicts = filter { $0.endpoint.run == pod.run && $0.endpoint.kind == kind }.map(\.verdict)
    // Of several ports of a pod some do not exist in each release; none of them refutes, which came before.
    switch verdicts.first(where: \.isConfirmed) ?? verdicts.first {
    case .confirmed, .refuted, .outdated: return nil
    case .unknown(let reason):
      return Condition(VerifiedReason.handshakeUnclear, "Pod \(pod.name), \(kind.title): \(reason)" + silence)
    case nil:
      return Condition(VerifiedReason.waitingForHandshakes, "Pod \(pod.name), \(kind.title): no handshake yet")
    }
  }
}
