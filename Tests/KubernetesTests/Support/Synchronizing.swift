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

/// The TransportError that an operation fails with.
func transportError(of operation: () async throws -> Void) async -> TransportErrorReason? {
  do {
    try await operation()
    return nil
  } catch {
    return TransportErrorReason(error)
  }
}
