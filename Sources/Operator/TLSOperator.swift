import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Observability
import ServiceLifecycle

/// The operator: watches feed a queue of Milvus names, and, while this process leads, workers reconcile them.
public struct TLSOperator: Service {
  private let client: KubernetesClient
  private let minimumDuration: Duration
  private let issueMissingAfter: Duration?
  private let elector: LeaderElector?
  private let logger: Logger
  private let metrics: PrometheusMetrics
  private let health: OperatorHealth
  private let queue: WorkQueue<ObjectKey>
  private let collectors: [any EvidenceCollector]
  /// One of the collectors.
  let handshakes: HandshakeRunner
  private let issuing = IssuingThread()
  private let limiter = RolloutLimiter()
  private let warnings = WarningMemory()
  var failures = FailureMemory()
  private let view: ClusterView

  /// - Parameters:
  ///   - namespaces: those to watch; empty for all.
  ///   - minimumDuration: the shortest duration of a certificate that is accepted.
  ///   - issueMissingAfter: how long after the creation of a Milvus that only its own configuration requests TLS a
  ///     missing Secret is waited for, before the operator creates it; nil for ever.
  ///   - elector: decides whether this process may write; nil where it is the only one.
  ///   - metrics: gets the measurements.
  ///   - health: gets the progress, for the probes.
  public init(
    client: KubernetesClient,
    namespaces: [String] = [],
    minimumDuration: Duration = .hours(1),
    issueMissingAfter: Duration? = .seconds(60),
    elector: LeaderElector? = nil,
    logger: Logger,
    metrics: PrometheusMetrics = PrometheusMetrics(),
    health: OperatorHealth = OperatorHealth()
  ) {
    self.client = client
    self.minimumDuration = minimumDuration
    self.issueMissingAfter = issueMissingAfter
    self.elector = elector
    self.logger = logger
    self.metrics = metrics
    self.health = health
    metrics.collect("build") { BuildInfo.families }
    let clock = ClockMetrics(client: client)
    metrics.collect("clock") { clock.families() }
    let queue = WorkQueue<ObjectKey>(name: "milvus", metrics: metrics)
    let logReader = PodLogReader(client: client, logger: logger) { pod in
      await queue.add(ObjectKey(namespace: pod.namespace, name: pod.milvus))
    }
    let handshakes = HandshakeRunner(client: client, logger: logger) { await queue.add($0) }
    let plaintext = PlaintextRunner(logger: logger) { await queue.add($0) }
    let collectors: [any EvidenceCollector] = [logReader, handshakes, plaintext]
    self.queue = queue
    self.collectors = collectors
    self.handshakes = handshakes
    view = ClusterView(client: client, namespaces: namespaces, queue: queue, logger: logger) { pod in
      for collector in collectors { await collector.forget(pod) }
    }
  }

  /// Runs until the task is cancelled, or a graceful shutdown has let the running reconciliations end. A write cut off
  /// by that is made again, or found done, at the next start.
  public func run() async throws {
    let certificates = CertificateMetrics(milvuses: view.milvuses.store, milvusTLS: view.milvusTLS.store)
    metrics.collect("certificates") { certificates.families() }
    defer { metrics.collect("certificates", nil) }
    logger.info("watching Milvus resources")
    try await withThrowingTaskGroup { group in
      group.addTask {
        await view.run()
        return false
      }
      group.addTask {
        try await work()
        return true
      }
      defer { group.cancelAll() }
      while let isOver = try await group.next(), !isOver {}
    }
    logger.info("stopped")
  }

  private func work() async throws {
    // Competing comes after: who wins the lead can act at once.
    await cancelWhenGracefulShutdown { await view.waitUntilSynced(health: health) }
    guard view.isSynced else { return }
    logger.info("synced: \(view.milvuses.store.count) Milvus, \(view.milvusTLS.store.count) MilvusTLS")
    guard let elector else { return await reconcile {} }
    try await elector.run { permit in await reconcile(while: permit.check) }
  }

  /// Reconciles until the task is cancelled or a graceful shutdown begins.
  /// - Parameter permit: refuses every write once this process does not lead any more.
  private func reconcile(while permit: @escaping KubernetesClient.WritePermit) async {
    let events = EventRecorder(client: client.fenced(by: permit), component: Labels.manager, logger: logger)
    await withDiscardingTaskGroup { group in
      group.addTask { await events.run() }
      var era: ServerHistory.Era
      repeat {
        era = view.history.era
        if !view.isSynced { await cancelWhenGracefulShutdown { await view.waitUntilSynced(health: health) } }
        // A graceful shutdown ends the wait: what is known then is from before and after the restore.
        guard view.isSynced else { break }
        await reconcile(in: era, while: permit, events)
      } while era.isOver && !Task.isCancelled
      group.cancelAll()
    }
    // A process that does not lead needs no evidence, and reads no client's key for it.
    for collector in collectors { await collector.stop() }
  }

  /// Reconciles with what was seen since the last restore of etcd. What was decided before it is not written after it.
  private func reconcile(
    in era: ServerHistory.Era,
    while permit: @escaping KubernetesClient.WritePermit,
    _ events: EventRecorder
  ) async {
    let writer = client.fenced {
      try permit()
      try era.check()
    }
    let reconcileMetrics = ReconcileMetrics(metrics)
    let reconciler = Reconciler(
      view: view,
      minimumDuration: minimumDuration,
      issueMissingAfter: issueMissingAfter,
      executor: PlanExecutor(
        client: writer,
        view: view,
        announcer: Announcer(events: events, logger: logger),
        issuing: issuing,
        metrics: reconcileMetrics,
        logger: logger
      ),
      collectors: collectors,
      limiter: limiter,
      queue: queue,
      warnings: warnings,
      failures: failures,
      metrics: reconcileMetrics,
      health: health
    )
    let controller = Controller(name: "milvus", queue: queue, logger: logger, metrics: metrics) { key in
      let wakeUp = try await reconciler.reconcile(key)
      return wakeUp.map { .requeue(after: $0) } ?? .done
    }
    // Nothing else wakes a Milvus whose evidence was being gathered when an earlier term of this process ended.
    // What its users change from now on overtakes them.
    await queue.addToBacklog(view.milvuses.store.keys)
    await era.run { await controller.run() }
  }
}
