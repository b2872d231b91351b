import Testing

/// A condition did not come to hold.
public struct NotMet: Error {}

/// Waits until a condition holds, which a test expects within the deadline.
/// - Parameters:
///   - what: the condition, for the message.
///   - interval: how often it is looked at.
/// - Throws: `NotMet` once it is recorded that it does not hold, and what the condition throws.
public func eventually(
  within limit: Duration = .seconds(90),
  every interval: Duration = .milliseconds(2),
  _ what: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ holds: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + limit
  while try await !holds() {
    guard ContinuousClock.now < deadline else { throw notMet(what, within: limit, sourceLocation) }
    try await Task.sleep(for: interval)
  }
}

/// Waits until a condition holds, looking again at each change.
/// - Parameter changes: of what the condition looks at, from before the call on.
/// - Throws: as the other one.
public func eventually<Change: Sendable>(
  within limit: Duration = .seconds(90),
  after changes: AsyncStream<Change>,
  _ what: Comment,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ holds: @escaping @Sendable () async -> Bool
) async throws {
  let isMet = try await withThrowingTaskGroup(of: Bool.self) { group in
    group.addTask {
      if await holds() { return true }
      for await _ in changes where await holds() { return true }
      return await holds()
    }
    group.addTask {
      try await Task.sleep(for: limit)
      return false
    }
    defer { group.cancelAll() }
    return try await group.next() ?? false
  }
  if !isMet { throw notMet(what, within: limit, sourceLocation) }
}

private func notMet(_ what: Comment?, within limit: Duration, _ sourceLocation: SourceLocation) -> NotMet {
  Issue.record("\(what?.rawValue ?? "the condition"): not within \(limit)", sourceLocation: sourceLocation)
  return NotMet()
}
