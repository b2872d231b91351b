import KubernetesRuntime
import Logging
import MilvusTLS
import PKI

/// Asks pods' ports what they answer without TLS: at once with each new one, and hourly.
actor PlaintextRunner: EvidenceCollector {
  /// How many ports are asked at the same time.
  private static let concurrency = 16
  /// How old an answer gets, a little less than the time between two plans.
  private static let lifetime = Duration.seconds(3500)

  private struct Memory {
    var answers: [ListeningPort: PlaintextAnswer] = [:]
    var times: [ListeningPort: ContinuousClock.Instant] = [:]
    /// The ports that are being asked.
    var asked: Set<ListeningPort> = []
    var task: Task<Void, Never>?
  }

  private let logger: Logger
  private let didChange: @Sendable (ObjectKey) async -> Void
  private let probe = PlaintextProbe()
  private let semaphore = FairSemaphore(
    limit: PlaintextRunner.concurrency,
    limitPerKey: PlaintextRunner.concurrency / 4
  )
  private var memory: [ObjectKey: Memory] = [:]

  /// - Parameter didChange: called with each Milvus whose ports have all been asked.
  init(logger: Logger, didChange: @escaping @Sendable (ObjectKey) async -> Void) {
    self.logger = logger
    self.didChange = didChange
  }

  func evidence(of observation: Observation, for milvus: ObjectKey) -> Evidence {
    var evidence = Evidence()
    evidence.plaintext = memory[milvus]?.answers ?? [:]
    return evidence
  }

  func collect(_ request: EvidenceRequest, for milvus: ObjectKey) {
    let wanted = Set(request.plaintext)
    forget(milvus) { !wanted.contains($0) }
    var known = memory[milvus] ?? Memory()
    let due = wanted.filter { port in
      !known.asked.contains(port) && known.times[port].map { $0.duration(to: .now) >= Self.lifetime } ?? true
    }
    guard !due.isEmpty else { return }
    // What is under way goes on with what has come to it.
    known.task?.cancel()
    known.asked.formUnion(due)
    let ports = known.asked
    known.task = Task { await ask(ports, of: milvus) }
    memory[milvus] = known
  }

  func forget(_ pod: ObservedPod) {
    forget(ObjectKey(namespace: pod.namespace, name: pod.milvus)) { $0.run.podUID == pod.uid }
  }

  func stop() {
    for known in memory.values { known.task?.cancel() }
    memory = [:]
  }

  private func forget(_ milvus: ObjectKey, _ isOver: (ListeningPort) -> Bool) {
    guard var known = memory[milvus] else { return }
    known.answers = known.answers.filter { !isOver($0.key) }
    known.times = known.times.filter { !isOver($0.key) }
    known.asked = known.asked.filter { !isOver($0) }
    let isEmpty = known.answers.isEmpty && known.asked.isEmpty
    if isEmpty { known.task?.cancel() }
    memory[milvus] = isEmpty ? nil : known
  }

  /// Asks each port once.
  private func ask(_ ports: Set<ListeningPort>, of milvus: ObjectKey) async {
    let former = memory[milvus]?.answers
    await withTaskGroup { group in
      for port in ports { group.addTask { await self.ask(port, of: milvus) } }
    }
    guard !Task.isCancelled else { return }
    memory[milvus]?.task = nil
    if memory[milvus]?.answers != former { await didChange(milvus) }
  }

  private func ask(_ port: ListeningPort, of milvus: ObjectKey) async {
    guard let answer = try? await semaphore.withPermit(for: milvus, { try await probe.answer(of: port) }) else {
      return
    }
    guard !Task.isCancelled, memory[milvus]?.asked.remove(port) != nil else { return }
    memory[milvus]?.answers[port] = answer
    memory[milvus]?.times[port] = .now
    logger.debug("without TLS, \(milvus.namespace)/\(port.podName), port \(port.port): \(answer.answer)")
  }
}
