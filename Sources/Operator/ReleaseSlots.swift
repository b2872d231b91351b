import KubernetesRuntime

/// Shares a bounded number of places, for open log streams or handshakes, among releases, so that one whose pods answer slowly delays itself
/// alone.
actor ReleaseSlots {
  private struct Waiter {
    let id: Int
    let release: ObjectKey
    let continuation: CheckedContinuation<Void, any Error>
  }

  private let limit: Int
  private let releaseLimit: Int
  private var open: [ObjectKey: Int] = [:]
  private var count = 0
  private var waiters: [Waiter] = []
  private var lastID = 0

  /// - Parameters:
  ///   - limit: the most places taken at once.
  ///   - releaseLimit: the most of them for one release.
  init(limit: Int = 16, releaseLimit: Int = 4) {
    self.limit = limit
    self.releaseLimit = releaseLimit
  }

  /// How many wait for a place.
  var waiting: Int { waiters.count }

  /// Runs an operation once a place is free for a release.
  /// - Throws: `CancellationError` where that comes first, and what the operation throws.
  func withSlot<Value: Sendable>(
    for release: ObjectKey,
    _ operation: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await acquire(for: release)
    defer { free(release) }
    return try await operation()
  }

  /// Whether somebody waits who could go on if a place of this release became free.
  func isWanted(of release: ObjectKey) -> Bool {
    waiters.contains { $0.release == release || (open[$0.release] ?? 0) < releaseLimit }
  }

  private func acquire(for release: ObjectKey) async throws {
    try Task.checkCancellation()
    lastID += 1
    let id = lastID
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        // Cancelled before it could be told apart: the handler has found nobody, or will.
        guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
        waiters.append(Waiter(id: id, release: release, continuation: continuation))
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

  private func free(_ release: ObjectKey) {
    count -= 1
    let rest = (open[release] ?? 1) - 1
    open[release] = rest > 0 ? rest : nil
    admit()
  }

  /// Lets in who waits, of the release with the fewest streams first, and in the order of coming among those.
  private func admit() {
    while count < limit {
      let ready = waiters.indices.filter { (open[waiters[$0].release] ?? 0) < releaseLimit }
      guard let next = ready.min(by: { (open[waiters[$0].release] ?? 0) < (open[waiters[$1].release] ?? 0) }) else {
        return
      }
      let waiter = waiters.remove(at: next)
      count += 1
      open[waiter.release, default: 0] += 1
      waiter.continuation.resume()
    }
  }
}
