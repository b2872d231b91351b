import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import ServiceLifecycle

/// The operator: watches feed a queue of Milvus names, workers reconcile them.
public struct TLSOperator: Service {
  private static let workerCount = 4

  private let client: KubernetesClient
  private let logger: Logger
  private let metrics: PrometheusMetrics
  private let health: OperatorHealth

  /// - Parameters:
  ///   - metrics: gets the measurements of `milvus_tls_...`.
  ///   - health: is told how the work goes.
  public init(
    client: KubernetesClient,
    logger: Logger,
    metrics: PrometheusMetrics = PrometheusMetrics(),
    health: OperatorHealth = OperatorHealth()
  ) {
    self.client = client
    self.logger = logger
    self.metrics = metrics
    self.health = health
  }

  /// Runs until the task is cancelled or a graceful shutdown begins. A write cut off by that is made again, or found done, at the next start.
  public func run() async throws {
    let queue = WorkQueue<ObjectKey>()
    let reader = PodLogReader(client: client, logger: logger) { pod in
      await queue.add(ObjectKey(namespace: pod.namespace, name: pod.milvus))
    }
    let view = ClusterView(
      client: client,
      logger: logger,
      enqueue: { await queue.add($0) },
      podDidEnd: { await reader.forget($0) }
    )
    let events = EventRecorder(client: client, logger: logger)
    let reconcileMetrics = ReconcileMetrics(factory: metrics)
    let reconciler = Reconciler(
      view: view,
      executor: PlanExecutor(client: client, view: view, events: events, metrics: reconcileMetrics, logger: logger),
      logReader: reader,
      metrics: reconcileMetrics,
      health: health
    )
    let certificates = CertificateMetrics(milvuses: view.milvuses.store, milvusTLS: view.milvusTLS.store)
    metrics.collect("certificates") { certificates.families() }
    defer { metrics.collect("certificates", nil) }
    logger.info("watching Milvus resources in all namespaces")
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await view.run() }
        group.addTask { await events.run() }
        group.addTask { await work(on: queue, with: reconciler, view: view) }
        await waitForCancellation()
        await queue.shutDown()
        await reader.stop()
        group.cancelAll()
      }
    }
    logger.info("stopped")
  }

  private func work(on queue: WorkQueue<ObjectKey>, with reconciler: Reconciler, view: ClusterView) async {
    await view.waitUntilSynced(health: health)
    guard !Task.isCancelled else { return }
    logger.info("synced: \(view.milvuses.store.keys.count) Milvus, \(view.milvusTLS.store.keys.count) MilvusTLS")
    await withDiscardingTaskGroup { group in
      for _ in 0..<Self.workerCount {
        group.addTask {
          while let key = await queue.next() {
            await reconcile(key, queue: queue, reconciler: reconciler)
            await queue.finish(key)
          }
        }
      }
    }
  }

  private func reconcile(_ key: ObjectKey, queue: WorkQueue<ObjectKey>, reconciler: Reconciler) async {
    do {
      let wakeUp = try await reconciler.reconcile(key)
      await queue.forget(key)
      if let wakeUp { await queue.add(key, after: wakeUp) }
    } catch {
      guard !Task.isCancelled else { return }
      logger.about(key).warning("\(error)")
      await queue.retry(key)
    }
  }
}

/// Suspends until the task is cancelled.
private func waitForCancellation() async {
  let (stream, continuation) = AsyncStream<Never>.makeStream()
  for await _ in stream {}
  continuation.finish()
}
