/// A point in time that work must not pass.
struct Deadline: Sendable {
  /// The time is over, and the work has been cancelled.
  struct Passed: Error {
    let step: TLSProbe.Step
  }

  let instant: ContinuousClock.Instant

  init(after duration: Duration) {
    instant = .now + duration
  }

  private init(_ instant: ContinuousClock.Instant) {
    self.instant = instant
  }

  /// The earlier of this and one `duration` from now.
  func atMost(_ duration: Duration) -> Deadline {
    Deadline(min(instant, .now + duration))
  }

  /// A deadline that leaves an equal share of the remaining time to each of `count` attempts.
  func share(of count: Int) -> Deadline {
    atMost(ContinuousClock.now.duration(to: instant) / max(1, count))
  }

  /// What `work` returns; it is cancelled, and waited for, at the deadline or when this task is.
  ///
  /// - Throws: ``Passed``, or what `work` throws.
  func limit<Value: Sendable>(
    _ step: TLSProbe.Step,
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        try await Task.sleep(until: instant, clock: .continuous)
        return nil
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() ?? nil else { throw Passed(step: step) }
      return value
    }
  }
}
