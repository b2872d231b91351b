import FlyingFox
import FlyingSocks
import Foundation

/// A socket pool that disables Nagle's algorithm (`TCP_NODELAY`).
///
/// FlyingFox writes the head and the body of a response separately and has no such option. The body would wait for the
/// client's delayed acknowledgement of the head, 40 ms per request. Accepted sockets inherit the option from the
/// listening socket.
struct UndelayedSocketPool: AsyncSocketPool {
  private let base: any AsyncSocketPool = HTTPServer.defaultPool()

  func prepare() async throws {
    try await base.prepare()
  }

  func run() async throws {
    try await base.run()
  }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    // If the option cannot be set, the socket is only slower.
    if events == .connection {
      try? socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
    }
    try await base.suspendSocket(socket, untilReadyFor: events)
  }
}
