import CCurl
import Synchronization

/// What other threads ask of the transport's thread.
final class CommandQueue: Sendable {
  enum Command: Sendable {
    case start(Exchange)
    case cancel(Exchange)
    case resume(Exchange)
  }

  /// The multi handle as other threads may use it.
  ///
  /// Sendable, because it is used for `curl_multi_wakeup` alone, the one call libcurl documents as safe from any thread while
  /// another works with the handle, and under the queue's lock alone, which the owner takes to withdraw it before it frees the handle.
  struct Waker: @unchecked Sendable {
    let multi: UnsafeMutableRawPointer

    func wakeUp() { curl_multi_wakeup(multi) }
  }

  private struct State {
    var commands: [Command] = []
    var isShutDown = false
    var waker: Waker?
  }

  private let state = Mutex(State())

  /// Hands a command over and wakes the thread; after the shutdown a start fails and the rest means nothing.
  func enqueue(_ command: Command) {
    let isAccepted = state.withLock { state in
      guard !state.isShutDown else { return false }
      state.commands.append(command)
      state.waker?.wakeUp()
      return true
    }
    if !isAccepted { Self.refuse(command) }
  }

  /// Asks the thread to end every exchange and itself.
  func shutDown() {
    state.withLock { state in
      state.isShutDown = true
      state.waker?.wakeUp()
    }
  }

  /// The commands since the last call; nil once the thread must end.
  func take() -> [Command]? {
    state.withLock { state in
      guard !state.isShutDown else { return nil }
      var commands: [Command] = []
      swap(&commands, &state.commands)
      return commands
    }
  }

  /// From here on commands wake the thread.
  func attach(_ waker: Waker) {
    state.withLock { $0.waker = waker }
  }

  /// The thread ends: refuses what it has not taken and all that follows.
  func close() {
    let rest = state.withLock { state in
      state.isShutDown = true
      state.waker = nil
      var commands: [Command] = []
      swap(&commands, &state.commands)
      return commands
    }
    for command in rest { Self.refuse(command) }
  }

  private static func refuse(_ command: Command) {
    if case .start(let exchange) = command { exchange.finish(.failure(exchange.error(.shutDown, ""))) }
  }
}
