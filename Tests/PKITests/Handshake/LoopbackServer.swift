import Foundation
import Testing

/// A server on a free loopback port: one thread that serves one connection after the other, and ends with this.
final class LoopbackServer: Sendable {
  let port: UInt16
  private let descriptor: Int32

  /// - Parameter serve: is given each connection's blocking socket, which is closed when it returns.
  init(_ address: String = "127.0.0.1", serve: @escaping @Sendable (Int32) -> Void) throws {
    let socket = try BoundSocket(address)
    port = socket.port
    // The thread owns one descriptor, this the other.
    let listener = dup(socket.descriptor)
    descriptor = dup(socket.descriptor)
    try #require(listen(listener, 16) == 0)
    Thread.detachNewThread { Self.run(listener, serve) }
  }

  deinit {
    // Wakes the thread up in accept(2).
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  private static func run(_ listener: Int32, _ serve: (Int32) -> Void) {
    blockBrokenPipeSignal()
    defer { close(listener) }
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { return }
      // So that a test that fails leaves no thread behind.
      var limit = timeval(tv_sec: 300, tv_usec: 0)
      setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      serve(connection)
      close(connection)
    }
  }

  /// A client that closes first must not end the tests; the signal goes to the thread that wrote.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Reads until the client has closed its side.
  static func readToEnd(_ descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
  }
}
