/// Time that only goes forward, also while the process is stopped or the machine sleeps. A test brings its own.
struct MonotonicClock: Sendable {
  /// The time since some moment before.
  let now: @Sendable () -> Duration
  /// Waits until `now` has passed a time.
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
    var description: String { "gave up after \(limit.inSeconds)" }
  }

  /// Runs an operation that is cancelled when a time has passed. It ends when the operation has ended, which must heed cancellation.
  /// - Throws: `TimedOut`, or what the operation throws.
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
  /// As a number, for metrics.
  var seconds: Double { self / .seconds(1) }

  /// The length for people, in tenths of a second: `1.5 s`.
  var inSeconds: String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
