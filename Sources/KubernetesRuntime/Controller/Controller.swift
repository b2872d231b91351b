import Kubernetes
import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// Workers that reconcile the keys of a queue. Reconciliation is level-triggered: its input is a key, its output is
/// when to reconcile again.
///
/// A reconcile that throws or exceeds its time limit is retried with exponential backoff. `run` can be called again
/// after it was cancelled, for example when leadership was lost and regained: interrupted keys are still in the queue.
public struct Controller: Service {
  /// Reconciles one key. If it throws, the key is retried after a delay, at least the `Retry-After` of the server.
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
  ///   - name: label `controller` of the metrics.
  ///   - queue: fed by informers. They should be synced before `run`, so that no decision is based on a partial view.
  ///   - workers: number of keys reconciled concurrently.
  ///   - timeLimit: when to cancel a reconcile, which must respond to cancellation.
  ///   - gracePeriod: how long running reconciles may continue after a graceful shutdown has begun.
  ///   - metrics: receives metrics with controller-runtime's names.
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

  /// Reconciles until the task is cancelled, which cancels the running reconciles, or a graceful shutdown begins. After
  /// that no key is started, and running reconciles are cancelled when the grace period is over.
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
      // Interrupted, not failed: the next run takes it first, without a retry delay.
      logger.debug("cancelled: \(error)", metadata: key.logged)
      return await queue.giveBack(key)
    } catch {
      metrics.count(.error)
      logger.warning("\(error)", metadata: key.logged)
      await queue.retry(key, atLeast: error.retryAfter, isTerminal: error is TerminalError)
    }
    metrics.time.record(duration: clock.now() - start)
    await queue.finish(key)
  }
}

/// Counts the workers that are reconciling.
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
  /// How long the server asks to wait; zero if it does not.
  fileprivate var retryAfter: Duration {
    let cause = (self as? TerminalError)?.cause ?? self
    guard case KubernetesError.api(let status)? = cause as? KubernetesError else { return .zero }
    return status.retryAfter ?? .zero
  }
}
