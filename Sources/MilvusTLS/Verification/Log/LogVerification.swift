import Foundation

/// Verification of internal TLS by the pods' logs. For external TLS a log proves nothing, except why the server ended.
struct LogVerification {
  /// How long after the start of a container its log is waited for although a handshake confirms, in seconds: what the
  /// log says against it comes by then.
  static let patience: TimeInterval = 30

  /// Pods whose log must still be read.
  let unread: [ObservedPod]
  /// Crashed pods whose log may say that Milvus cannot serve external TLS, and must still be read for that alone.
  let unreadCrashes: [ObservedPod]
  /// Pods with the verdicts of their logs.
  let read: [(pod: ObservedPod, verdict: Verdict)]
  private let problems: [ContainerRun: String]
  /// Why no log has the line; nil where logs can have it.
  let silence: String?
  private let isRead: Bool

  /// - Parameter pods: the pods that run with the current certificates and configuration.
  init(of pods: [ObservedPod], intent: TLSIntent, settings: LogSettings, observation: Observation) {
    silence = settings.silence
    problems = observation.evidence.logProblems
    isRead = intent.isInternalEnabled && intent.spec.readsLogs
    let isCrashRead = intent.external != .disabled && intent.spec.readsLogs
    let pods = isRead ? pods : isCrashRead ? pods.filter { $0.crash != nil && $0.servesClients } : []
    read = pods.compactMap { pod in observation.evidence.logs[pod.run].map { (pod, $0) } }
    let open = pods.filter { $0.hasLog && observation.evidence.logs[$0.run] == nil }
    (unread, unreadCrashes) = isRead ? (open, []) : ([], open)
  }

  /// Whether a pod's log confirms that it uses internal TLS.
  func confirms(_ pod: ObservedPod) -> Bool { read.contains { $0.pod.uid == pod.uid && $0.verdict.isConfirmed } }

  /// Whether a pod's log can still tell: it has not been read to an end, nothing keeps it from being read, and Milvus
  /// writes the line there.
  func isOpen(_ pod: ObservedPod) -> Bool {
    isRead && silence == nil && pod.component?.writesInternalTLSLine ?? true && problems[pod.run] == nil
      && !read.contains { $0.pod.run == pod.run }
  }

  /// Why a pod's log proves nothing, where no setting says so; nil if it may yet.
  func doubt(about pod: ObservedPod) -> Condition? {
    guard isRead, silence == nil else { return nil }
    if let problem = problems[pod.run] {
      return Condition(VerifiedReason.logUnreadable, "Log of pod \(pod.name): \(problem)")
    }
    guard case .unknown(let reason) = read.first(where: { $0.pod.uid == pod.uid })?.verdict else { return nil }
    return Condition(VerifiedReason.logUnclear, "Log of pod \(pod.name): \(reason)")
  }
}
