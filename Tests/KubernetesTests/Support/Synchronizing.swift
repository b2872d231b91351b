import Synchronization
import Testing

/// Counts from zero, shared between tasks.
final class Counter: Sendable {
  private let count = Mutex(0)

  var value: Int { count.withLock { $0 } }

  @discardableResult
  func next(adding step: Int = 1) -> Int {
    count.withLock { count in
      defer { count += step }
      return count
    }
  }
}

/// Holds back whoever waits until it is opened.
final class Gate: Sendable {
  private let signal = AsyncStream.makeStream(of: Void.self)

  func open() { signal.continuation.finish() }

  func wait() async {
    for await _ in signal.stream {}
  }
}

/// Waits until a condition holds, which a test expects within the deadline.
func eventually(
  within limit: Duration = .seconds(90),
  _ condition: () async throws -> Bool,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let deadline = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < deadline else {
      Issue.record("the condition did not hold within \(limit)", sourceLocation: sourceLocation)
      return
    }
    try await Task.sleep(for: .milliseconds(2))
  }
}

/// The TransportError that an operation fails with.
func transportError(of operation: () async throws -> Void) async -> TransportErrorReason? {
  do {
    try await operation()
    return nil
  } catch {
    return TransportErrorReason(error)
  }
}
