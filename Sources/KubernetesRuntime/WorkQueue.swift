import Collections

/// Keys waiting to be worked on: each once however often it is added, never with two workers at a time, and again after its
/// worker when it was added meanwhile (the rules of client-go's workqueue).
public actor WorkQueue<Key: Hashable & Sendable> {
  private struct DelayedKey: Comparable {
    let due: ContinuousClock.Instant
    let key: Key

    static func < (left: DelayedKey, right: DelayedKey) -> Bool { left.due < right.due }
    static func == (left: DelayedKey, right: DelayedKey) -> Bool { left.due == right.due }
  }

  private let retryBase: Duration
  private let retryLimit: Duration
  private var waiting: Deque<Key> = []
  /// Keys to be worked on: waiting, or added while being worked on.
  private var dirty: Set<Key> = []
  private var processing: Set<Key> = []
  private var workers: Deque<CheckedContinuation<Key?, Never>> = []
  private var retries: [Key: Backoff] = [:]
  private var delayed = Heap<DelayedKey>()
  /// When each delayed key is due; its other entries in the heap are out of date.
  private var dueTimes: [Key: ContinuousClock.Instant] = [:]
  private var alarm: (due: ContinuousClock.Instant, task: Task<Void, Never>)?
  private var isShutDown = false

  /// - Parameters:
  ///   - retryBase: bound of the first wait after a failure.
  ///   - retryLimit: bound of the longest wait after failures.
  public init(retryBase: Duration = .milliseconds(50), retryLimit: Duration = .seconds(300)) {
    self.retryBase = retryBase
    self.retryLimit = retryLimit
  }

  /// Adds a key; one that waits already is not added again.
  public func add(_ key: Key) {
    guard !isShutDown, dirty.insert(key).inserted, !processing.contains(key) else { return }
    hand(key)
  }

  /// Adds a key after a time; of several times for one key the earliest counts.
  public func add(_ key: Key, after delay: Duration) {
    let due = ContinuousClock.now + delay
    guard !isShutDown, dueTimes[key].map({ due < $0 }) ?? true else { return }
    dueTimes[key] = due
    delayed.insert(DelayedKey(due: due, key: key))
    setAlarm()
  }

  /// Adds a key after a time that grows with each of its failures.
  public func retry(_ key: Key) {
    let delay = retries[key, default: Backoff(base: retryBase, limit: retryLimit)].next()
    add(key, after: delay)
  }

  /// Forgets a key's failures.
  public func forget(_ key: Key) {
    retries[key] = nil
  }

  /// The next key to work on, as soon as there is one; every key has to be given back with `finish`.
  /// - Returns: nil once the queue is shut down.
  public func next() async -> Key? {
    if isShutDown { return nil }
    if let key = waiting.popFirst() {
      start(key)
      return key
    }
    return await withCheckedContinuation { workers.append($0) }
  }

  /// Ends the work on a key.
  public func finish(_ key: Key) {
    processing.remove(key)
    if dirty.contains(key) { hand(key) }
  }

  /// Ends every wait for a key and takes no more keys.
  public func shutDown() {
    isShutDown = true
    alarm?.task.cancel()
    alarm = nil
    while let worker = workers.popFirst() { worker.resume(returning: nil) }
  }

  private func hand(_ key: Key) {
    guard !isShutDown else { return }
    guard let worker = workers.popFirst() else { return waiting.append(key) }
    start(key)
    worker.resume(returning: key)
  }

  private func start(_ key: Key) {
    dirty.remove(key)
    processing.insert(key)
  }

  /// One timer for all delayed keys, set to the first.
  private func setAlarm() {
    guard let due = delayed.min?.due, alarm.map({ due < $0.due }) ?? true else { return }
    alarm?.task.cancel()
    let task = Task { [weak self] in
      guard (try? await Task.sleep(until: due, clock: .continuous)) != nil else { return }
      await self?.addDue()
    }
    alarm = (due, task)
  }

  private func addDue() {
    alarm = nil
    while let first = delayed.min, first.due <= .now {
      delayed.removeMin()
      guard dueTimes[first.key] == first.due else { continue }
      dueTimes[first.key] = nil
      add(first.key)
    }
    setAlarm()
  }
}
