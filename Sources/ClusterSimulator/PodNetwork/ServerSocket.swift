import Foundation
import PKI

/// A TCP socket, listening or accepted, closed on deinitialization.
///
/// It is non-blocking, and a cancelled task returns at once.
final class ServerSocket: Sendable {
  /// A failed system call.
  struct Failure: Error, CustomStringConvertible {
    let code: Int32

    var description: String { String(cString: strerror(code)) }
  }

  private static let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

  private let descriptor: Int32

  /// Takes ownership of the descriptor.
  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Listens on an address of this machine.
  /// - Throws: ``Failure``, for example if the port is in use.
  init(listeningOn address: PodAddress, port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Self.flags, Int32(IPPROTO_TCP))
    guard descriptor >= 0 else { throw Failure(code: errno) }
    // A restarted container can listen again while its last connections linger.
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = address.number.bigEndian
    let status = withUnsafePointer(to: name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0, listen(descriptor, 64) == 0 else { throw Failure(code: errno) }
  }

  deinit {
    close(descriptor)
  }

  /// Shuts down both directions: a listening socket refuses connections from now on.
  func shutDown() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Sends end of stream to the peer.
  func finishWriting() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// The next connection.
  /// - Throws: ``Failure``, `CancellationError`.
  func accept() async throws -> ServerSocket {
    while true {
      let connection = Foundation.accept(descriptor, nil, nil)
      guard connection < 0 else {
        // On Linux, accepted sockets do not inherit these flags (accept(2)).
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        _ = fcntl(connection, F_SETFL, O_NONBLOCK)
        return ServerSocket(descriptor: connection)
      }
      switch errno {
      case EAGAIN: try await wait(for: .reading)
      case EINTR, ECONNABORTED: continue
      default: throw Failure(code: errno)
      }
    }
  }

  /// The next bytes; empty after the peer has closed its side.
  /// - Throws: ``Failure``, `CancellationError`.
  func read() async throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count < 0 else { return Array(buffer.prefix(count)) }
      switch errno {
      case EAGAIN: try await wait(for: .reading)
      case EINTR: continue
      default: throw Failure(code: errno)
      }
    }
  }

  /// Writes all bytes.
  /// - Throws: ``Failure``, `CancellationError`.
  func write(_ bytes: [UInt8]) async throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count >= 0 {
        rest = rest.dropFirst(count)
        continue
      }
      switch errno {
      case EAGAIN: try await wait(for: .writing)
      case EINTR: continue
      default: throw Failure(code: errno)
      }
    }
  }

  /// - Throws: ``Failure``, `CancellationError`.
  private func wait(for direction: SocketEvents.Direction) async throws {
    do {
      try await SocketEvents.shared.wait(for: direction, of: descriptor)
    } catch let failure as SocketEvents.Failure {
      throw Failure(code: failure.code)
    }
  }
}
