import Synchronization

/// One run of a plugin, shared by any number of waiting requests. Cancelling a request does not stop the run.
final class ExecRun: Sendable {
  private struct State {
    var result: Result<ExecCredential, any Error>?
    var waiters: [AsyncStream<Never>.Continuation] = []
  }

  private let state = Mutex(State())

  func finish(_ result: Result<ExecCredential, any Error>) {
    let waiters = state.withLock { state in
      state.result = result
      return state.waiters
    }
    for waiter in waiters { waiter.finish() }
  }

  /// - Throws: the plugin's error, or `CancellationError`.
  func value() async throws -> ExecCredential {
    let (end, continuation) = AsyncStream.makeStream(of: Never.self)
    let result = state.withLock { state in
      if state.result == nil { state.waiters.append(continuation) }
      return state.result
    }
    if let result { return try result.get() }
    for await _ in end {}
    guard let result = state.withLock({ $0.result }) else { throw CancellationError() }
    return try result.get()
  }
}
