import Testing

/// Waits until a condition holds, which a test expects within the deadline.
func eventually(
  within limit: Duration = .seconds(90),
  _ what: Comment,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + limit
  while try await !condition() {
    try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(2))
  }
}
