import FlyingFox
import FlyingSocks
import Foundation

/// A socket pool that switches Nagle's algorithm off (`TCP_NODELAY`).
///
/// FlyingFox sends the head and the body of an answer one after the other and has no such setting; the body would wait for the
/// client's delayed acknowledgement of the head, 40 ms for each request. Accepted sockets inherit the option from the listening one.
struct UndelayedSocketPool: AsyncSocketPool {
  private let base: any AsyncSocketPool = HTTPServer.defaultPool()

  func prepare() async throws {
    try await base.prepare()
  }

  func run() async throws {
    try await base.run()
  }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    // A socket that refuses is only slower.
    if events == .connection {
      try? socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
    }
    try await base.suspendSocket(socket, untilReadyFor: events)
  }
}
