import CCurl
import Synchronization

/// Commands from other threads to the transport's thread.
final class CommandQueue: Sendable {
  enum Command: Sendable {
    case start(Exchange)
    case cancel(Exchange)
    case resume(Exchange)
  }

  /// The multi handle as used by other threads.
  ///
  /// Sendable because it is only used for `curl_multi_wakeup`, the one call that libcurl documents as safe from any
  /// thread while another thread uses the handle. It is only used under the queue's lock, which the owner takes to
  /// withdraw it before it frees the handle.
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

  /// Enqueues a command and wakes the thread. After the shutdown, `start` fails and the other commands are ignored.
  func enqueue(_ command: Command) {
    let isAccepted = state.withLock { state in
      guard !state.isShutDown else { return false }
      state.commands.append(command)
      state.waker?.wakeUp()
      return true
    }
    if !isAccepted { Self.refuse(command) }
  }

  /// Makes the thread end every exchange and itself.
  func shutDown() {
    state.withLock { state in
      state.isShutDown = true
      state.waker?.wakeUp()
    }
  }

  /// The commands since the last call; nil if the thread must end.
  func take() -> [Command]? {
    state.withLock { state in
      guard !state.isShutDown else { return nil }
      var commands: [Command] = []
      swap(&commands, &state.commands)
      return commands
    }
  }

  /// From now on, commands wake the thread.
  func attach(_ waker: Waker) {
    state.withLock { $0.waker = waker }
  }

  /// Called when the thread ends: refuses the remaining commands and all later ones.
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
