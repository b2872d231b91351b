/// What the pods' logs, taken together, say about internal TLS.
struct LogVerification {
  /// The condition `Verified`.
  let condition: Condition
  /// Pods whose log has to be read for it.
  let unread: [ObservedPod]
  /// Pods with what their logs said, for the status.
  let read: [(pod: ObservedPod, verdict: LogVerdict)]

  init(intent: TLSIntent, digest: String, observation: Observation) {
    guard intent.isInternalEnabled, intent.spec.readsLogs else {
      condition =
        intent.isInternalEnabled
        ? Condition("Verified", .unknown, "LogsNotRead", "spec.verification.logs is false")
        : Condition(
          "Verified",
          .unknown,
          "HandshakeNotAvailable",
          "external TLS does not show in Milvus's log, and handshakes are not run yet"
        )
      unread = []
      read = []
      return
    }
    let pods = observation.pods.filter { !$0.isDeleting }.sorted { $0.name < $1.name }
    let current = pods.filter { $0.digest == digest }
    read = current.compactMap { pod in observation.verdicts[pod.run].map { (pod, $0) } }
    unread = current.filter { $0.hasLog && observation.verdicts[$0.run] == nil }
    condition = Self.condition(pods: pods, current: current, read: read, problems: observation.logProblems)
  }

  private static func condition(
    pods: [ObservedPod],
    current: [ObservedPod],
    read: [(pod: ObservedPod, verdict: LogVerdict)],
    problems: [ContainerRun: String]
  ) -> Condition {
    for (pod, verdict) in read {
      if case .refuted(let evidence) = verdict {
        return Condition("Verified", .false, "LogRefutes", "pod \(pod.name): \(evidence)")
      }
    }
    guard !pods.isEmpty else { return Condition("Verified", .unknown, "NoPods", "no pod of this Milvus runs") }
    let old = pods.filter { pod in !current.contains { $0.uid == pod.uid } }
    guard old.isEmpty else {
      return Condition(
        "Verified",
        .unknown,
        "RollingOut",
        "\(old.count) of \(pods.count) pods still run without the present certificate, \(old[0].name) first"
      )
    }
    for (pod, verdict) in read {
      if case .unknown(let reason) = verdict {
        return Condition("Verified", .unknown, "LogUnclear", "pod \(pod.name): \(reason)")
      }
    }
    let confirmed = Set(read.map(\.pod.uid))
    let open = current.filter { !confirmed.contains($0.uid) || !$0.isReady }
    for pod in open {
      if let problem = problems[pod.run] {
        return Condition("Verified", .unknown, "LogUnreadable", "pod \(pod.name): \(problem)")
      }
    }
    guard open.isEmpty else {
      return Condition(
        "Verified",
        .unknown,
        "WaitingForPods",
        "\(open.count) of \(pods.count) pods not yet ready or not yet read, \(open[0].name) first"
      )
    }
    return Condition(
      "Verified",
      .true,
      "LogsConfirm",
      "Internal TLS Enabled, value=true, in the log of \(pods.count.counted("pod"))"
    )
  }
}

extension Int {
  /// The number with its noun: `1 pod`, `2 pods`.
  fileprivate func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
