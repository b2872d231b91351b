/// What the pods' logs say about internal TLS.
struct LogVerification {
  /// Pods whose log has to be read.
  let unread: [ObservedPod]
  /// Pods with what their logs said, for the status.
  let read: [(pod: ObservedPod, verdict: Verdict)]
  /// Why none can tell yet, as a condition `Verified`.
  let obstacle: Condition?
  private let problems: [ContainerRun: String]

  /// - Parameter pods: those that run with the present certificates and configuration.
  init(of pods: [ObservedPod], intent: TLSIntent, observation: Observation) {
    guard intent.isInternalEnabled, intent.spec.readsLogs else {
      (unread, read, obstacle, problems) = ([], [], nil, [:])
      return
    }
    read = pods.compactMap { pod in observation.verdicts[pod.run].map { (pod, $0) } }
    unread = pods.filter { $0.hasLog && observation.verdicts[$0.run] == nil }
    problems = observation.logProblems
    let waiting = pods.filter { observation.verdicts[$0.run] == nil && observation.logProblems[$0.run] == nil }
    obstacle = waiting.first.map { pod in
      let message = "\(waiting.count) of \(pods.count) pods not yet ready or not yet read, \(pod.name) first"
      return Condition("Verified", .unknown, "WaitingForPods", message)
    }
  }

  /// Whether a pod's log says that it uses internal TLS.
  func confirms(_ pod: ObservedPod) -> Bool {
    read.contains { item in
      guard item.pod.uid == pod.uid, case .confirmed = item.verdict else { return false }
      return true
    }
  }

  /// Why a pod's log does not tell.
  func doubt(about pod: ObservedPod) -> Condition? {
    if let problem = problems[pod.run] {
      return Condition("Verified", .unknown, "LogUnreadable", "pod \(pod.name): \(problem)")
    }
    guard case .unknown(let reason) = read.first(where: { $0.pod.uid == pod.uid })?.verdict else { return nil }
    return Condition("Verified", .unknown, "LogUnclear", "pod \(pod.name): \(reason)")
  }
}
