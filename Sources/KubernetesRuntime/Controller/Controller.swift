import Kubernetes
import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// Workers that reconcile the keys of a queue: level-triggered, only a key comes in, only "come back after" goes out.
///
/// A reconcile that throws, or takes longer than its time limit, is tried again with growing waits. `run` can be called again after
/// it was cancelled, as when leadership was lost and won again: keys that were cut off come first, and none is forgotten.
public struct Controller: Service {
  public typealias Reconcile = @Sendable (ObjectKey) async throws -> Reconciliation

  private let queue: WorkQueue<ObjectKey>
  private let workers: Int
  private let timeLimit: Duration
  private let gracePeriod: Duration
  private let logger: Logger
  private let metrics: ControllerMetrics
  private let clock: MonotonicClock
  private let active = ActiveWorkers()
  private let reconcile: Reconcile

  /// - Parameters:
  ///   - name: the metrics' `controller`.
  ///   - queue: fed by informers; let them be synced before `run`, so that no decision rests on half a view.
  ///   - workers: how many keys are reconciled at a time.
  ///   - timeLimit: after which a reconcile is cancelled, which it must heed.
  ///   - gracePeriod: how long running reconciles may go on after a graceful shutdown has begun.
  ///   - metrics: takes the measurements, named as controller-runtime's.
  public init(
    name: String,
    queue: WorkQueue<ObjectKey>,
    workers: Int = 4,
    timeLimit: Duration = .seconds(120),
    gracePeriod: Duration = .seconds(10),
    logger: Logger,
    metrics: any MetricsFactory = MetricsSystem.factory,
    reconcile: @escaping Reconcile
  ) {
    self.init(
      name: name,
      queue: queue,
      workers: workers,
      timeLimit: timeLimit,
      gracePeriod: gracePeriod,
      logger: logger,
      metrics: metrics,
      clock: .system,
      reconcile: reconcile
    )
  }

  init(
    name: String,
    queue: WorkQueue<ObjectKey>,
    workers: Int,
    timeLimit: Duration,
    gracePeriod: Duration,
    logger: Logger,
    metrics: any MetricsFactory,
    clock: MonotonicClock,
    reconcile: @escaping Reconcile
  ) {
    self.queue = queue
    self.workers = workers
    self.timeLimit = timeLimit
    self.gracePeriod = gracePeriod
    self.logger = logger
    self.metrics = ControllerMetrics(controller: name, workers: workers, factory: metrics)
    self.clock = clock
    self.reconcile = reconcile
  }

  /// Reconciles until the task is cancelled, which cancels the running reconciles, or a graceful shutdown begins: then no key is
  /// taken any more, and running reconciles are cancelled when the grace period is over.
  public func run() async {
    let shutdown = Latch()
    await withGracefulShutdownHandler {
      await withTaskGroup { group in
        group.addTask { await work() }
        group.addTask {
          await shutdown.wait()
          guard !Task.isCancelled else { return }
          await queue.shutDown()
          try? await clock.sleep(for: gracePeriod)
        }
        await group.next()
        group.cancelAll()
      }
    } onGracefulShutdown: {
      shutdown.open()
    }
  }

  private func work() async {
    await withDiscardingTaskGroup { group in
      for _ in 0..<workers {
        group.addTask {
          while let key = await queue.next() {
            metrics.activeWorkers.record(active.change(by: 1))
            await work(on: key)
            metrics.activeWorkers.record(active.change(by: -1))
          }
        }
      }
    }
  }

  private func work(on key: ObjectKey) async {
    let start = clock.now()
    do {
      let reconciliation = try await clock.run(within: timeLimit) { [reconcile] in try await reconcile(key) }
      await queue.forget(key)
      switch reconciliation {
      case .done: metrics.count(.success)
      case .requeue(let delay):
        metrics.count(.requeueAfter)
        await queue.add(key, after: delay)
      }
    } catch  where Task.isCancelled {
      // Cut off, not failed: first in line for whoever works on the queue next.
      logger.debug("cancelled: \(error)", metadata: key.logged)
      await queue.add(key)
    } catch {
      metrics.count(.error)
      logger.warning("\(error)", metadata: key.logged)
      await queue.retry(key, atLeast: error.retryAfter)
    }
    metrics.time.record(duration: clock.now() - start)
    await queue.finish(key)
  }
}

/// Counts the workers that reconcile.
private final class ActiveWorkers: Sendable {
  private let count = Mutex(0)

  func change(by difference: Int) -> Int {
    count.withLock { count in
      count += difference
      return count
    }
  }
}

extension Error {
  /// How long the server asks to wait.
  fileprivate var retryAfter: Duration {
    guard case KubernetesError.api(let status)? = self as? KubernetesError else { return .zero }
    return status.retryAfter ?? .zero
  }
}
