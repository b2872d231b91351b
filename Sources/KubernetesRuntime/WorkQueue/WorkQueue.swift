import DequeModule
import HeapModule
import Metrics
import OrderedCollections

/// A queue of keys with the semantics of client-go's workqueue: a key is queued at most once, processed by one worker
/// at a time, and processed again if it was added during processing.
public actor WorkQueue<Key: Hashable & Sendable> {
  private struct DelayedKey: Comparable {
    let due: Duration
    let key: Key

    static func < (left: DelayedKey, right: DelayedKey) -> Bool { left.due < right.due }
    static func == (left: DelayedKey, right: DelayedKey) -> Bool { left.due == right.due }
  }

  private let limits: RetryLimits
  private let metrics: WorkQueueMetrics
  private let clock: MonotonicClock
  private var waiting: Deque<Key> = []
  /// Keys that wait behind the others.
  private var backlog: OrderedSet<Key> = []
  /// How many keys have gone before the backlog since it had its last turn.
  private var overtaking = 0
  /// Keys to process, queued or added during processing, and when they were added.
  private var dirty: [Key: Duration] = [:]
  /// Keys being processed, and since when.
  private var processing: [Key: Duration] = [:]
  /// Idle workers, in order of arrival.
  private var workers: OrderedDictionary<Int, CheckedContinuation<Key?, Never>> = [:]
  private var lastWorker = 0
  private var retries: [Key: Backoff] = [:]
  private var bucket: TokenBucket
  private var delayed = Heap<DelayedKey>()
  /// When each delayed key is due. Other entries for it in the heap are outdated.
  private var dueTimes: [Key: Duration] = [:]
  private var alarm: (due: Duration, task: Task<Void, Never>)?
  private var reporter: Task<Void, Never>?
  private var isShutDown = false

  /// - Parameters:
  ///   - name: name of the controller; label `name` of the metrics.
  ///   - metrics: receives metrics with client-go's names.
  public init(
    name: String,
    limits: RetryLimits = RetryLimits(),
    metrics: any MetricsFactory = MetricsSystem.factory
  ) {
    self.init(name: name, limits: limits, metrics: metrics, clock: .system)
  }

  init(name: String, limits: RetryLimits, metrics: any MetricsFactory, clock: MonotonicClock) {
    self.limits = limits
    self.metrics = WorkQueueMetrics(name: name, factory: metrics)
    self.clock = clock
    bucket = TokenBucket(rate: limits.rate, burst: limits.burst)
  }

  /// Whether no key waits, not counting those that are delayed.
  var isEmpty: Bool { waiting.isEmpty && backlog.isEmpty }

  /// Adds a key, unless it is already queued. One in the backlog leaves it.
  public func add(_ key: Key) {
    guard !isShutDown else { return }
    guard dirty[key] == nil else {
      if backlog.remove(key) != nil { waiting.append(key) }
      return
    }
    dirty[key] = clock.now()
    metrics.adds.increment()
    if processing[key] == nil { hand(key) }
  }

  /// Puts keys behind what is added later, together with all that wait now: for a controller that starts, and whose
  /// users' changes are not to wait until it has looked at every object. One key of nine comes from there all the same.
  public func addToBacklog(_ keys: some Sequence<Key>) {
    guard !isShutDown else { return }
    backlog.formUnion(waiting)
    waiting = []
    for key in keys where dirty[key] == nil {
      dirty[key] = clock.now()
      metrics.adds.increment()
      if processing[key] == nil { backlog.append(key) }
    }
    while let (id, worker) = workers.elements.first, let key = takeNext() {
      workers[id] = nil
      start(key)
      worker.resume(returning: key)
    }
    recordDepth()
  }

  /// Adds a key after a delay. If a key has several delays, the shortest applies.
  public func add(_ key: Key, after delay: Duration) {
    let due = clock.now() + delay
    guard !isShutDown, dueTimes[key].map({ due < $0 }) ?? true else { return }
    dueTimes[key] = due
    delayed.insert(DelayedKey(due: due, key: key))
    setAlarm()
  }

  /// Adds a key after a delay that grows with the number of its failures and of all failing keys.
  /// - Parameters:
  ///   - atLeast: minimum delay, for example from a server's `Retry-After`.
  ///   - isTerminal: whether no retry is expected to mend it. Such a key's delay grows with its own failures alone, and
  ///     takes nothing of the overall rate: thousands of them would use up the retries of those that can succeed.
  public func retry(_ key: Key, atLeast: Duration = .zero, isTerminal: Bool = false) {
    metrics.retries.increment()
    let own = retries[key, default: Backoff(base: limits.base, limit: limits.limit)].next()
    add(key, after: max(own, isTerminal ? .zero : bucket.take(at: clock.now()), atLeast))
  }

  /// Resets a key's number of failures.
  public func forget(_ key: Key) {
    retries[key] = nil
  }

  /// The next key to process. The worker must call `finish` for it.
  /// - Returns: nil if the queue is shut down or the task is cancelled.
  public func next() async -> Key? {
    if isShutDown || Task.isCancelled { return nil }
    if let key = takeNext() {
      start(key)
      return key
    }
    lastWorker += 1
    let id = lastWorker
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // If the task was cancelled before this point, its handler has already run and would not end this wait.
        if Task.isCancelled { continuation.resume(returning: nil) } else { workers[id] = continuation }
      }
    } onCancel: {
      Task { await self.dismiss(id) }
    }
  }

  /// Marks a key as processed.
  public func finish(_ key: Key) {
    guard let start = processing.removeValue(forKey: key) else { return }
    metrics.workDuration.record(duration: clock.now() - start)
    if processing.isEmpty { stopReporting() }
    if dirty[key] != nil { hand(key) }
  }

  /// Gives back a key whose processing was interrupted: it is the next to be handed out.
  public func giveBack(_ key: Key) {
    guard processing.removeValue(forKey: key) != nil else { return }
    if processing.isEmpty { stopReporting() }
    dirty[key] = clock.now()
    hand(key, isFirst: true)
  }

  /// Ends all waits for a key; no further keys are handed out.
  public func shutDown() {
    isShutDown = true
    alarm?.task.cancel()
    alarm = nil
    for worker in workers.values { worker.resume(returning: nil) }
    workers = [:]
  }

  // MARK: Handing out

  private func hand(_ key: Key, isFirst: Bool = false) {
    guard !isShutDown else { return }
    defer { recordDepth() }
    guard let (id, worker) = workers.elements.first else {
      return isFirst ? waiting.prepend(key) : waiting.append(key)
    }
    workers[id] = nil
    start(key)
    worker.resume(returning: key)
  }

  /// Takes the key whose turn it is.
  private func takeNext() -> Key? {
    if !waiting.isEmpty, backlog.isEmpty || overtaking < 8 {
      overtaking = backlog.isEmpty ? 0 : overtaking + 1
      return waiting.popFirst()
    }
    overtaking = 0
    return backlog.isEmpty ? nil : backlog.removeFirst()
  }

  private func start(_ key: Key) {
    let now = clock.now()
    if let added = dirty.removeValue(forKey: key) { metrics.queueDuration.record(duration: now - added) }
    processing[key] = now
    recordDepth()
    startReporting()
  }

  private func recordDepth() { metrics.depth.record(waiting.count + backlog.count) }

  private func dismiss(_ id: Int) {
    workers.removeValue(forKey: id)?.resume(returning: nil)
  }

  // MARK: Delays

  /// A single timer for all delayed keys, set to the earliest.
  private func setAlarm() {
    guard let due = delayed.min?.due, alarm.map({ due < $0.due }) ?? true else { return }
    alarm?.task.cancel()
    let task = Task { [weak self, clock] in
      guard (try? await clock.sleepUntil(due)) != nil else { return }
      await self?.addDue()
    }
    alarm = (due, task)
  }

  private func addDue() {
    alarm = nil
    let now = clock.now()
    while let first = delayed.min, first.due <= now {
      delayed.removeMin()
      guard dueTimes[first.key] == first.due else { continue }
      dueTimes[first.key] = nil
      add(first.key)
    }
    setAlarm()
  }

  // MARK: Metrics

  /// During processing, reports its duration twice per second, as client-go does.
  private func startReporting() {
    guard reporter == nil else { return }
    reporter = Task { [weak self, clock] in
      while (try? await clock.sleep(for: .milliseconds(500))) != nil { await self?.report() }
    }
  }

  private func stopReporting() {
    reporter?.cancel()
    reporter = nil
    metrics.report(ages: [])
  }

  private func report() {
    let now = clock.now()
    metrics.report(ages: processing.values.map { now - $0 })
  }
}
