/// A clock that never goes back and includes time while the process is stopped or the machine sleeps. Tests provide
/// their own.
struct MonotonicClock: Sendable {
  /// Time since an arbitrary starting point.
  let now: @Sendable () -> Duration
  /// Waits until `now` reaches a time.
  /// - Throws: `CancellationError`.
  let sleepUntil: @Sendable (Duration) async throws -> Void

  func sleep(for duration: Duration) async throws {
    try await sleepUntil(now() + duration)
  }

  static let system: MonotonicClock = {
    let start = ContinuousClock.now
    return MonotonicClock(
      now: { ContinuousClock.now - start },
      sleepUntil: { try await Task.sleep(until: start + $0, clock: .continuous) }
    )
  }()
}

extension MonotonicClock {
  struct TimedOut: Error, CustomStringConvertible {
    let limit: Duration
    var description: String { "timed out after \(limit.inSeconds)" }
  }

  /// Runs an operation and cancels it when a time limit has passed. Returns when the operation has ended, so it must
  /// respond to cancellation.
  /// - Throws: `TimedOut`, or errors of the operation.
  func run<Value: Sendable>(
    within limit: Duration,
    _ operation: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await operation() }
      group.addTask {
        try await sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() ?? nil else { throw TimedOut(limit: limit) }
      return value
    }
  }
}

extension Duration {
  /// In seconds, for metrics.
  var seconds: Double { self / .seconds(1) }

  /// In seconds with one decimal, for messages: `1.5 s`.
  var inSeconds: String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
