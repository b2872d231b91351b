import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS

/// Reads pods' logs from their start until they tell about internal TLS, each container run once.
actor PodLogReader {
  /// How much of a log is read, in bytes: Milvus writes its line near the start.
  static let byteLimit = 8 << 20
  /// How long a log is followed that has not told: Milvus writes its line within seconds of its start.
  static let timeLimit = Duration.seconds(300)

  private let client: KubernetesClient
  private let logger: Logger
  private let didRead: @Sendable (ObservedPod) async -> Void
  private var readings: [ContainerRun: Task<Void, Never>] = [:]
  private(set) var verdicts: [ContainerRun: LogVerdict] = [:]

  /// - Parameter didRead: called with each pod whose log has told, or will not.
  init(client: KubernetesClient, logger: Logger, didRead: @escaping @Sendable (ObservedPod) async -> Void) {
    self.client = client
    self.logger = logger
    self.didRead = didRead
  }

  /// Begins to read a pod's log; one that is being read, or has been, is not read again.
  func read(_ pod: ObservedPod) {
    guard readings[pod.run] == nil, verdicts[pod.run] == nil else { return }
    readings[pod.run] = Task {
      let verdict = await Self.verdict(on: pod, client: client, logger: logger)
      guard !Task.isCancelled else { return }
      readings[pod.run] = nil
      verdicts[pod.run] = verdict
      await didRead(pod)
    }
  }

  /// Ends the reading of a pod that is gone, and forgets it.
  func forget(_ pod: ObservedPod) {
    for run in readings.keys where run.podUID == pod.uid { readings.removeValue(forKey: run)?.cancel() }
    for run in verdicts.keys where run.podUID == pod.uid { verdicts[run] = nil }
  }

  /// Ends all reading.
  func stop() {
    for reading in readings.values { reading.cancel() }
    readings = [:]
  }

  private static func verdict(on pod: ObservedPod, client: KubernetesClient, logger: Logger) async -> LogVerdict {
    let deadline = ContinuousClock.now + timeLimit
    var backoff = Backoff(base: .milliseconds(500), limit: .seconds(15))
    while !Task.isCancelled, ContinuousClock.now < deadline {
      do {
        if let verdict = try await scan(pod, client: client, until: deadline) { return verdict }
      } catch {
        logger.debug("log of pod \(pod.namespace)/\(pod.name): \(error)")
      }
      // A stream also ends when the kubelet rotates the log or is not ready to serve it.
      try? await Task.sleep(for: backoff.next())
    }
    return .unknown(reason: "no line on internal TLS within \(timeLimit.components.seconds) s")
  }

  /// Reads one stream of a log.
  /// - Returns: nil when it ended, or the time was up, before the line.
  private static func scan(
    _ pod: ObservedPod,
    client: KubernetesClient,
    until deadline: ContinuousClock.Instant
  ) async throws -> LogVerdict? {
    try await withThrowingTaskGroup(of: LogVerdict?.self) { group in
      group.addTask {
        var scanner = LogScanner()
        var count = 0
        let log = try await client.logs(
          namespace: pod.namespace,
          pod: pod.name,
          container: pod.container,
          follow: true,
          limitBytes: byteLimit
        )
        for try await chunk in log {
          if let verdict = scanner.consume(chunk) { return verdict }
          count += chunk.count
          if count >= byteLimit {
            return .unknown(reason: "no line on internal TLS in the first \(byteLimit >> 20) MiB of the log")
          }
        }
        return nil
      }
      group.addTask {
        try await Task.sleep(until: deadline, clock: .continuous)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }
}
