/// Shares a bounded number of permits, for open streams or connections, among keys.
///
/// The key that holds the fewest goes first, so that one whose work is slow delays itself alone.
public actor FairSemaphore {
  private struct Waiter {
    let id: Int
    let key: ObjectKey
    let continuation: CheckedContinuation<Void, any Error>
  }

  private let limit: Int
  private let limitPerKey: Int
  /// How many permits each key holds; none is left out.
  private var held: [ObjectKey: Int] = [:]
  private var count = 0
  private var waiters: [Waiter] = []
  private var lastID = 0

  /// - Parameters:
  ///   - limit: the most permits held at once.
  ///   - limitPerKey: the most of them for one key.
  public init(limit: Int, limitPerKey: Int) {
    self.limit = limit
    self.limitPerKey = limitPerKey
  }

  /// How many wait for a permit.
  public var waiting: Int { waiters.count }

  /// Runs an operation once a permit is free for a key.
  /// - Throws: `CancellationError` where that comes first, and what the operation throws.
  public func withPermit<Value: Sendable>(
    for key: ObjectKey,
    _ operation: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await acquire(for: key)
    defer { release(key) }
    return try await operation()
  }

  /// Whether somebody waits who could go on if a permit of this key became free.
  public func isWanted(of key: ObjectKey) -> Bool {
    waiters.contains { $0.key == key || (held[$0.key] ?? 0) < limitPerKey }
  }

  private func acquire(for key: ObjectKey) async throws {
    try Task.checkCancellation()
    lastID += 1
    let id = lastID
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        // Cancelled before it could be told apart: the handler has found nobody, or will.
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

  /// Lets in who waits: the key with the fewest permits first, and among those in the order of coming.
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
