/// A semaphore that distributes a limited number of permits fairly among keys, for example for open streams or
/// connections.
///
/// The key with the fewest permits is served first, so that a slow key only delays itself.
public actor FairSemaphore {
  private struct Waiter {
    let id: Int
    let key: ObjectKey
    let continuation: CheckedContinuation<Void, any Error>
  }

  private let limit: Int
  private let limitPerKey: Int
  /// Number of permits per key; keys without a permit have no entry.
  private var held: [ObjectKey: Int] = [:]
  private var count = 0
  private var waiters: [Waiter] = []
  private var lastID = 0

  /// - Parameters:
  ///   - limit: maximum number of permits held at once.
  ///   - limitPerKey: maximum number of permits per key.
  public init(limit: Int, limitPerKey: Int) {
    self.limit = limit
    self.limitPerKey = limitPerKey
  }

  /// Number of tasks waiting for a permit.
  public var waiting: Int { waiters.count }

  /// Runs an operation with a permit for a key.
  /// - Throws: `CancellationError` if the task is cancelled before it gets a permit; errors of the operation.
  public func withPermit<Value: Sendable>(
    for key: ObjectKey,
    _ operation: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await acquire(for: key)
    defer { release(key) }
    return try await operation()
  }

  /// Whether a task is waiting that could continue if this key released a permit.
  public func isWanted(of key: ObjectKey) -> Bool {
    waiters.contains { $0.key == key || (held[$0.key] ?? 0) < limitPerKey }
  }

  private func acquire(for key: ObjectKey) async throws {
    try Task.checkCancellation()
    lastID += 1
    let id = lastID
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        // Cancelled before the waiter was registered: the cancellation handler does not find it.
        guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
        waiters.append(Waiter(id: id, key: key, continuation: continuation))
        admit()
      }
    } onCancel: {
      Task { await abandon(id) }
    }
  }

  private func abandon(_ id: Int) {
    guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
    waiters.remove(at: index).continuation.resume(throwing: CancellationError())
  }

  private func release(_ key: ObjectKey) {
    count -= 1
    let rest = (held[key] ?? 1) - 1
    held[key] = rest > 0 ? rest : nil
    admit()
  }

  /// Gives free permits to waiting tasks: the key with the fewest permits first, then in order of arrival.
  private func admit() {
    while count < limit {
      let ready = waiters.indices.filter { (held[waiters[$0].key] ?? 0) < limitPerKey }
      guard let next = ready.min(by: { (held[waiters[$0].key] ?? 0) < (held[waiters[$1].key] ?? 0) }) else {
        return
      }
      let waiter = waiters.remove(at: next)
      count += 1
      held[waiter.key, default: 0] += 1
      waiter.continuation.resume()
    }
  }
}
