/// Verification of internal TLS by the pods' logs.
struct LogVerification {
  /// Pods whose log must still be read.
  let unread: [ObservedPod]
  /// Pods with the verdicts of their logs.
  let read: [(pod: ObservedPod, verdict: Verdict)]
  /// Why the logs are not conclusive yet; nil if they are.
  let obstacle: Condition?
  private let problems: [ContainerRun: String]

  /// - Parameter pods: the pods that run with the current certificates and configuration.
  init(of pods: [ObservedPod], intent: TLSIntent, observation: Observation) {
    guard intent.isInternalEnabled, intent.spec.readsLogs else {
      (unread, read, obstacle, problems) = ([], [], nil, [:])
      return
    }
    read = pods.compactMap { pod in observation.evidence.logs[pod.run].map { (pod, $0) } }
    unread = pods.filter { $0.hasLog && observation.evidence.logs[$0.run] == nil }
    problems = observation.evidence.logProblems
    let waiting = pods.filter {
      observation.evidence.logs[$0.run] == nil && observation.evidence.logProblems[$0.run] == nil
    }
    obstacle = waiting.first.map { pod in
      let message = "\(waiting.count) of \(pods.count.of("pod")) not ready or log not read yet (\(pod.name))"
      return Condition(VerifiedReason.waitingForPods, message)
    }
  }

  /// Whether a pod's log confirms that it uses internal TLS.
  func confirms(_ pod: ObservedPod) -> Bool { read.contains { $0.pod.uid == pod.uid && $0.verdict.isConfirmed } }

  /// Why a pod's log is not conclusive; nil if it is.
  func doubt(about pod: ObservedPod) -> Condition? {
    if let problem = problems[pod.run] {
      return Condition(VerifiedReason.logUnreadable, "Log of pod \(pod.name): \(problem)")
    }
    guard case .unknown(let reason) = read.first(where: { $0.pod.uid == pod.uid })?.verdict else { return nil }
    return Condition(VerifiedReason.logUnclear, "Log of pod \(pod.name): \(reason)")
  }
}
