import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS

/// Reads the pods' logs until they say whether internal TLS is enabled, and the end of those that crashed, each run of a
/// container once.
actor PodLogReader: EvidenceCollector {
  private struct Reading {
    let task: Task<Void, Never>
    /// Whether it is of the run's end: a run that crashes is read in another way than one that lasts.
    let isOfCrash: Bool
  }

  private let client: KubernetesClient
  private let logger: Logger
  private let semaphore: FairSemaphore
  private let patience: PodLogReading.Patience
  private let didRead: @Sendable (ObservedPod) async -> Void
  private var readings: [ContainerRun: Reading] = [:]
  private var verdicts: [ContainerRun: Verdict] = [:]
  /// Why some logs could not be read so far; they are tried again.
  private var problems: [ContainerRun: String] = [:]

  /// - Parameter didRead: called with each pod whose log has a verdict, or cannot be read.
  init(
    client: KubernetesClient,
    logger: Logger,
    semaphore: FairSemaphore = FairSemaphore(limit: 16, limitPerKey: 4),
    patience: PodLogReading.Patience = PodLogReading.Patience(),
    didRead: @escaping @Sendable (ObservedPod) async -> Void
  ) {
    self.client = client
    self.logger = logger
    self.semaphore = semaphore
    self.patience = patience
    self.didRead = didRead
  }

  func evidence(of observation: Observation, for milvus: ObjectKey) -> Evidence {
    var evidence = Evidence()
    for run in observation.pods.map(\.run) {
      evidence.logs[run] = verdicts[run]
      evidence.logProblems[run] = problems[run]
    }
    return evidence
  }

  func collect(_ request: EvidenceRequest, for milvus: ObjectKey) {
    for pod in request.logs { read(pod) }
    for pod in request.crashLogs { read(pod, isOfInternalTLS: false) }
  }

  /// Begins to read a pod's log; one that is being read, or has been, is not read again.
  func read(_ pod: ObservedPod, isOfInternalTLS: Bool = true) {
    let isOfCrash = pod.crash != nil
    guard verdicts[pod.run] == nil, readings[pod.run]?.isOfCrash != isOfCrash else { return }
    forget { $0.podUID == pod.uid && $0.container == pod.container }
    let task = Task {
      let verdict = await verdict(on: pod, isOfInternalTLS: isOfInternalTLS)
      guard !Task.isCancelled else { return }
      readings[pod.run] = nil
      problems[pod.run] = nil
      guard let verdict else { return }
      verdicts[pod.run] = verdict
      await didRead(pod)
    }
    readings[pod.run] = Reading(task: task, isOfCrash: isOfCrash)
  }

  func forget(_ pod: ObservedPod) {
    forget { $0.podUID == pod.uid }
  }

  func stop() {
    for reading in readings.values { reading.task.cancel() }
    readings = [:]
  }

  private func forget(_ isOver: (ContainerRun) -> Bool) {
    for run in readings.keys.filter(isOver) { readings.removeValue(forKey: run)?.task.cancel() }
    for run in verdicts.keys.filter(isOver) { verdicts[run] = nil }
    for run in problems.keys.filter(isOver) { problems[run] = nil }
  }

  /// Reads until the log tells, or the pod is gone: then nil.
  private func verdict(on pod: ObservedPod, isOfInternalTLS: Bool) async -> Verdict? {
    let reading = PodLogReading(
      pod: pod,
      isOfInternalTLS: isOfInternalTLS,
      client: client,
      semaphore: semaphore,
      patience: patience
    )
    var backoff = Backoff(base: .milliseconds(500), limit: .seconds(60))
    while !Task.isCancelled {
      do {
        let outcome = try await reading.run { await self.note($0, on: pod) }
        switch outcome {
        case .verdict(let verdict): return verdict
        case .ended: await note(PodLogError.ended, on: pod)
        case .yielded: break
        }
      } catch KubernetesError.api(let status) where status.isNotFound {
        return nil
      } catch {
        await note(error, on: pod)
      }
      try? await Task.sleep(for: backoff.next())
    }
    return nil
  }

  private func note(_ error: any Error, on pod: ObservedPod) async {
    let problem = "\(error)"
    guard !Task.isCancelled, problems.updateValue(problem, forKey: pod.run) != problem else { return }
    logger.debug("log of pod \(pod.namespace)/\(pod.name): \(problem)")
    await didRead(pod)
  }
}
