import KubernetesRuntime
import Testing

/// Values that a test waits for, one after the other.
final class Inbox<Value: Sendable>: Sendable {
  private let stream: AsyncStream<Value>
  private let continuation: AsyncStream<Value>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream()
  }

  func put(_ value: Value) {
    continuation.yield(value)
  }

  /// The next value; a test that waits for one in vain is ended by its time limit.
  func next() async throws -> Value {
    for await value in stream { return value }
    throw CancellationError()
  }
}
