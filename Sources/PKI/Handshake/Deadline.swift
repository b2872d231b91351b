/// Time limit of an operation.
struct Deadline: Sendable {
  /// The deadline has passed and the operation was cancelled.
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

  /// The earlier of this deadline and one in `duration` from now.
  func atMost(_ duration: Duration) -> Deadline {
    Deadline(min(instant, .now + duration))
  }

  /// A deadline that gives each of `count` attempts an equal share of the remaining time.
  func share(of count: Int) -> Deadline {
    atMost(ContinuousClock.now.duration(to: instant) / max(1, count))
  }

  /// The result of `work`. At the deadline, or when this task is cancelled, `work` is cancelled and awaited.
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
