import CEpoll
import Foundation
import Synchronization

/// Waits until sockets are ready, with one thread for the whole process, so that a silent peer does not block a thread.
///
/// Dispatch sources are not used: on Linux, with many short-lived ones, they crash the process by a use after free
/// (https://github.com/swiftlang/swift-corelibs-libdispatch/issues/949).
package final class SocketEvents: Sendable {
  package enum Direction: Sendable {
    case reading
    case writing
  }

  /// Why a socket cannot be waited for; `code` is an errno.
  package struct Failure: Error {
    package let code: Int32
  }

  package static let shared = SocketEvents()

  private struct Waiter {
    let descriptor: Int32
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var waiters: [UInt64: Waiter] = [:]
    var lastID: UInt64 = 0
  }

  private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
  private let state = Mutex(State())

  private init() {
    Thread.detachNewThread { [self] in
      Thread.current.name = "SocketEvents"
      while true { drain() }
    }
  }

  /// Returns once a socket is ready or has failed; the next call on it reports a failure. The socket must stay open
  /// during the wait, and only one task may wait for it.
  /// - Throws: ``Failure``, `CancellationError`.
  package func wait(for direction: Direction, of descriptor: Int32) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        add(Waiter(descriptor: descriptor, continuation: continuation), id, direction)
        // Cancelled before the waiter was registered.
        if Task.isCancelled { take(id)?.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      take(id)?.resume(throwing: CancellationError())
    }
  }

  private func add(_ waiter: Waiter, _ id: UInt64, _ direction: Direction) {
    let code = state.withLock { state -> Int32 in
      state.waiters[id] = waiter
      let kind = direction == .reading ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : EPOLLOUT.rawValue
      var event = epoll_event(events: kind | EPOLLONESHOT.rawValue, data: epoll_data_t(u64: id))
      guard epoll_ctl(epoll, EPOLL_CTL_ADD, waiter.descriptor, &event) != 0 else { return 0 }
      state.waiters[id] = nil
      return errno
    }
    if code != 0 { waiter.continuation.resume(throwing: Failure(code: code)) }
  }

  /// Ends a wait and returns its continuation, which the caller must resume. The socket is unregistered first.
  private func take(_ id: UInt64) -> CheckedContinuation<Void, any Error>? {
    state.withLock { state -> CheckedContinuation<Void, any Error>? in
      guard let waiter = state.waiters.removeValue(forKey: id) else { return nil }
      epoll_ctl(epoll, EPOLL_CTL_DEL, waiter.descriptor, nil)
      return waiter.continuation
    }
  }

  private func drain() {
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    let count = epoll_wait(epoll, &events, Int32(events.count), -1)
    // An event for a wait that has already ended finds no waiter: numbers are not reused.
    for event in events.prefix(Int(max(0, count))) { take(event.data.u64)?.resume() }
  }
}
