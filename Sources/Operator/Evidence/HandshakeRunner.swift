import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS

/// Makes handshakes with pods' ports, a few at a time: at once with each new one, again soon where one did not confirm,
/// and hourly.
actor HandshakeRunner: EvidenceCollector {
  /// How many pods are asked at the same time.
  private static let concurrency = 16
  /// How old a confirmation gets, a little less than the time between two plans.
  private static let lifetime = Duration.seconds(3500)

  private struct Memory {
    /// The handshakes that it belongs to, with their client and CAs.
    var handshakes: TLSPlan.Handshakes
    var judgement: EndpointProbe.Judgement?
    var time: ContinuousClock.Instant?
    var task: Task<Void, Never>?
  }

  private let probe: EndpointProbe
  private let didChange: @Sendable (ObjectKey) async -> Void
  private let semaphore = FairSemaphore(
    limit: HandshakeRunner.concurrency,
    limitPerKey: HandshakeRunner.concurrency / 4
  )
  private var memory: [ObjectKey: [Endpoint: Memory]] = [:]
  /// How many ports are being asked until they confirm.
  private(set) var running = 0

  /// - Parameter didChange: called with the Milvus of each endpoint of which something new is known.
  init(client: KubernetesClient, logger: Logger, didChange: @escaping @Sendable (ObjectKey) async -> Void) {
    probe = EndpointProbe(client: client, logger: logger)
    self.didChange = didChange
  }

  func evidence(of observation: Observation, for milvus: ObjectKey) -> Evidence {
    var evidence = Evidence()
    let pods = Set(observation.pods.map(\.uid))
    for (endpoint, known) in memory[milvus] ?? [:] where pods.contains(endpoint.run.podUID) {
      evidence.handshakes[endpoint.memoryKey] = known.judgement?.verdict
      evidence.served[endpoint.memoryKey] = known.judgement?.served
    }
    return evidence
  }

  func collect(_ request: EvidenceRequest, for milvus: ObjectKey) { make(request.handshakes, for: milvus) }

  /// Makes these handshakes, unless they are under way or were made recently, and ends all others with the pods of this
  /// Milvus. Where the client or the CAs changed, a handshake is made again.
  /// - Parameter handshakes: nil for none.
  func make(_ handshakes: TLSPlan.Handshakes?, for milvus: ObjectKey) {
    let wanted = Set(handshakes?.endpoints ?? [])
    forget(milvus) { !wanted.contains($0) }
    guard let handshakes else { return }
    for endpoint in wanted {
      var known = memory[milvus]?[endpoint] ?? Memory(handshakes: handshakes)
      let isFresh = known.time.map { $0.duration(to: .now) < Self.lifetime } ?? false
      if known.handshakes.client == handshakes.client, known.handshakes.authorities == handshakes.authorities,
        isFresh || known.task != nil
      {
        continue
      }
      known.task?.cancel()
      known.handshakes = handshakes
      known.task = Task { await ask(endpoint, handshakes, milvus) }
      memory[milvus, default: [:]][endpoint] = known
    }
  }

  func forget(_ pod: ObservedPod) {
    forget(ObjectKey(namespace: pod.namespace, name: pod.milvus)) { $0.run.podUID == pod.uid }
  }

  func stop() {
    for milvus in memory.keys { forget(milvus) { _ in true } }
  }

  private func forget(_ milvus: ObjectKey, _ isOver: (Endpoint) -> Bool) {
    for (endpoint, known) in memory[milvus] ?? [:] where isOver(endpoint) {
      known.task?.cancel()
      memory[milvus]?[endpoint] = nil
    }
    if memory[milvus]?.isEmpty ?? false { memory[milvus] = nil }
  }

  /// Asks until the endpoint confirms, with growing waits.
  private func ask(_ endpoint: Endpoint, _ handshakes: TLSPlan.Handshakes, _ milvus: ObjectKey) async {
    var backoff = Backoff(base: .seconds(1), limit: .seconds(300))
    running += 1
    defer { running -= 1 }
    while !Task.isCancelled {
      let judgement = try? await semaphore.withPermit(for: milvus) {
        try await self.probe.judge(endpoint, handshakes, namespace: milvus.namespace)
      }
      guard let judgement, !Task.isCancelled, var known = memory[milvus]?[endpoint] else { return }
      let isNews = known.judgement != judgement
      var isDone = false
      if case .confirmed = judgement.verdict { isDone = true }
      known.judgement = judgement
      known.time = .now
      if isDone { known.task = nil }
      memory[milvus]?[endpoint] = known
      if isNews { await didChange(milvus) }
      if isDone { return }
      try? await Task.sleep(for: backoff.next())
    }
  }
}
