import Synchronization

/// One request and its response, shared by the waiting task and the transport's thread.
///
/// Ends once, with the first of: end of the transfer, cancellation, deadline, shutdown of the transport. This wakes
/// every waiter.
final class Exchange: Sendable {
  /// What the transport's thread must do with the offered bytes.
  enum Reception {
    case accepted
    /// Consume none of them; offer them again once resumed.
    case pause
    case abort
  }

  private enum Milestone {
    case head
    case bytes
    case end
  }

  private struct State {
    var head: ResponseHead?
    var buffer: [UInt8] = []
    var isPaused = false
    var outcome: Result<Void, any Error>?
    var waiters: [(milestone: Milestone, continuation: CheckedContinuation<Void, Never>)] = []

    func hasReached(_ milestone: Milestone) -> Bool {
      if outcome != nil { return true }
      return switch milestone {
      case .head: head != nil
      case .bytes: !buffer.isEmpty
      case .end: false
      }
    }

    /// Removes the waiters whose milestone has been reached. The caller resumes them after releasing the lock.
    mutating func takeReadyWaiters() -> [CheckedContinuation<Void, Never>] {
      let ready = waiters.filter { hasReached($0.milestone) }.map(\.continuation)
      guard !ready.isEmpty else { return [] }
      let rest = waiters.filter { !hasReached($0.milestone) }
      waiters = rest
      return ready
    }
  }

  let request: TransportRequest
  private let queue: CommandQueue
  private let state = Mutex(State())

  init(request: TransportRequest, queue: CommandQueue) {
    self.request = request
    self.queue = queue
  }
}

// MARK: - The reader's side

extension Exchange {
  /// Waits for the response head.
  func head() async throws -> ResponseHead {
    await wait(for: .head)
    return try state.withLock { state in
      if let head = state.head { return head }
      try state.outcome?.get()
      throw error(.connectionLost, "the connection closed before the response head")
    }
  }

  /// Waits for bytes. Returns all that have arrived, nil at the end of the body.
  func nextBytes() async throws -> [UInt8]? {
    await wait(for: .bytes)
    let (bytes, mustResume) = try state.withLock { state in
      if state.buffer.isEmpty { try state.outcome?.get() }
      let mustResume = state.isPaused
      state.isPaused = false
      var bytes: [UInt8] = []
      swap(&bytes, &state.buffer)
      return (bytes, mustResume)
    }
    if mustResume { queue.enqueue(.resume(self)) }
    return bytes.isEmpty ? nil : bytes
  }

  /// Waits for the end and returns the whole body.
  func wholeBody() async throws -> [UInt8] {
    await wait(for: .end)
    return try state.withLock { state in
      try state.outcome?.get()
      return state.buffer
    }
  }

  /// Ends the exchange at once and drops its transfer.
  func cancel() {
    abort(CancellationError())
  }

  /// Ends the exchange with an error and drops its transfer; does nothing if it has already ended.
  func abort(_ error: any Error) {
    if end(.failure(error), dropsBuffer: true) { queue.enqueue(.cancel(self)) }
  }

  /// Runs an operation on this exchange; aborts the exchange if the operation exceeds the limit.
  func withDeadline<Value>(_ limit: Duration?, _ operation: () async throws -> Value) async throws -> Value {
    let deadline = limit.map { limit in
      Task {
        try await Task.sleep(for: limit)
        abort(error(.timedOut, "no response within \(limit)"))
      }
    }
    defer { deadline?.cancel() }
    return try await operation()
  }

  func error(_ reason: TransportError.Reason, _ detail: String) -> TransportError {
    TransportError(reason: reason, request: request.summary, detail: detail)
  }

  private func wait(for milestone: Milestone) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if state.hasReached(milestone) { return true }
          state.waiters.append((milestone, continuation))
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      cancel()
    }
  }
}

// MARK: - The transport's side

extension Exchange {
  var hasEnded: Bool { state.withLock { $0.outcome != nil } }

  func receive(_ head: ResponseHead) {
    update { $0.head = head }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
    var reception = Reception.accepted
    update { state in
      guard state.outcome == nil else {
        reception = .abort
        return
      }
      switch request.delivery {
      case .streamed(let highWater, _) where state.buffer.count >= highWater:
        state.isPaused = true
        reception = .pause
      case .whole(let limit) where state.buffer.count + bytes.count > limit:
        state.outcome = .failure(error(.responseTooLarge, "the body exceeds \(limit) bytes"))
        reception = .abort
      default: state.buffer.append(contentsOf: bytes)
      }
    }
    return reception
  }

  /// The transfer has ended.
  func finish(_ outcome: Result<Void, any Error>) {
    end(outcome, dropsBuffer: false)
  }

  @discardableResult
  private func end(_ outcome: Result<Void, any Error>, dropsBuffer: Bool) -> Bool {
    var isFirst = false
    update { state in
      guard state.outcome == nil else { return }
      isFirst = true
      state.outcome = outcome
      if dropsBuffer { state.buffer = [] }
    }
    return isFirst
  }

  private func update(_ change: (inout State) -> Void) {
    let ready = state.withLock { state in
      change(&state)
      return state.takeReadyWaiters()
    }
    for continuation in ready { continuation.resume() }
  }
}
