import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS

/// Reads pods' logs from their start until they tell about internal TLS, each container run once.
actor PodLogReader {
  /// How much of a log is read, in bytes: Milvus writes its line near the start.
  static let byteLimit = 8 << 20
  private let client: KubernetesClient
  private let logger: Logger
  private let didRead: @Sendable (ObservedPod) async -> Void
  private var readings: [ContainerRun: Task<Void, Never>] = [:]
  private var verdicts: [ContainerRun: LogVerdict] = [:]
  /// Why some logs could not be read so far; they are tried again.
  private var problems: [ContainerRun: String] = [:]

  /// - Parameter didRead: called with each pod whose log has told, or cannot be read.
  init(client: KubernetesClient, logger: Logger, didRead: @escaping @Sendable (ObservedPod) async -> Void) {
    self.client = client
    self.logger = logger
    self.didRead = didRead
  }

  /// Adds to an observation what is known of its pods' logs.
  func complete(_ observation: Observation) -> Observation {
    var completed = observation
    for run in observation.pods.map(\.run) {
      if let verdict = verdicts[run] { completed.verdicts[run] = verdict }
      completed.logProblems[run] = problems[run]
    }
    return completed
  }

  /// Begins to read a pod's log; one that is being read, or has been, is not read again.
  func read(_ pod: ObservedPod) {
    guard readings[pod.run] == nil, verdicts[pod.run] == nil else { return }
    readings[pod.run] = Task {
      let verdict = await verdict(on: pod)
      guard !Task.isCancelled else { return }
      readings[pod.run] = nil
      problems[pod.run] = nil
      guard let verdict else { return }
      verdicts[pod.run] = verdict
      await didRead(pod)
    }
  }

  /// Ends the reading of a pod that is gone, and forgets it.
  func forget(_ pod: ObservedPod) {
    for run in readings.keys where run.podUID == pod.uid { readings.removeValue(forKey: run)?.cancel() }
    for run in verdicts.keys where run.podUID == pod.uid { verdicts[run] = nil }
    for run in problems.keys where run.podUID == pod.uid { problems[run] = nil }
  }

  /// Ends all reading.
  func stop() {
    for reading in readings.values { reading.cancel() }
    readings = [:]
  }

  /// Reads until the log tells, the limit is reached, or the pod is gone: then nil.
  private func verdict(on pod: ObservedPod) async -> LogVerdict? {
    var backoff = Backoff(base: .milliseconds(500), limit: .seconds(60))
    while !Task.isCancelled {
      do {
        if let verdict = try await Self.scan(pod, client: client) { return verdict }
      } catch KubernetesError.api(let status) where status.isNotFound {
        return nil
      } catch {
        await note("\(error)", on: pod)
      }
      // A stream also ends when the kubelet rotates the log or is not ready to serve it.
      try? await Task.sleep(for: backoff.next())
    }
    return nil
  }

  private func note(_ problem: String, on pod: ObservedPod) async {
    guard !Task.isCancelled, problems.updateValue(problem, forKey: pod.run) != problem else { return }
    logger.debug("log of pod \(pod.namespace)/\(pod.name): \(problem)")
    await didRead(pod)
  }

  /// Reads one stream of a log.
  /// - Returns: nil when it ended before the line.
  private static func scan(_ pod: ObservedPod, client: KubernetesClient) async throws -> LogVerdict? {
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
}
