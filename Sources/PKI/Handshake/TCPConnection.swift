import Foundation

/// A connected TCP socket, closed on deinitialization.
///
/// The socket is non-blocking, and a cancelled task returns at once.
final class TCPConnection: ByteStream {
  /// Why a connection could not be established, or broke; `code` is an errno.
  struct Failure: Error {
    let code: Int32

    var isRefusal: Bool { code == ECONNREFUSED }
    var reason: String { String(cString: strerror(code)) }
  }

  private static let chunk = 16 * 1024

  private let descriptor: Int32

  /// Takes ownership of the descriptor.
  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// The first connection that succeeds. The addresses are tried in order, each with an equal share of the remaining
  /// time.
  ///
  /// - Throws: the error of the last attempt: ``Failure`` or ``Deadline/Passed``; `CancellationError`.
  static func connect(toOneOf addresses: [SocketAddress], until deadline: Deadline) async throws -> TCPConnection {
    var obstacle: any Error = Failure(code: EADDRNOTAVAIL)
    for (index, address) in addresses.enumerated() {
      do {
        return try await deadline.share(of: addresses.count - index).limit(.connection) {
          try await connect(to: address)
        }
      } catch let error as CancellationError {
        throw error
      } catch {
        obstacle = error
      }
    }
    throw obstacle
  }

  /// - Throws: ``Failure``, `CancellationError`.
  static func connect(to address: SocketAddress) async throws -> TCPConnection {
    let flags = SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | flags), Int32(IPPROTO_TCP))
    guard descriptor >= 0 else { throw Failure(code: errno) }
    let connection = TCPConnection(descriptor: descriptor)
    guard address.withPointer({ Foundation.connect(descriptor, $0, $1) }) != 0 else { return connection }
    // An interrupted attempt continues in the background, like one in progress (connect(2)).
    guard errno == EINPROGRESS || errno == EINTR else { throw Failure(code: errno) }
    try await connection.wait(for: .writing)
    try connection.checkPendingError()
    return connection
  }

  func read() async throws -> [UInt8] {
    while true {
      let (bytes, code) = receive()
      if let bytes { return bytes }
      switch code {
      case EAGAIN: try await wait(for: .reading)
      case EINTR: continue
      case ECONNRESET: return []
      default: throw Failure(code: code)
      }
    }
  }

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
      // Data that the peer sent before it closed the connection can still be read.
      case EPIPE, ECONNRESET: return
      default: throw Failure(code: errno)
      }
    }
  }

  /// The bytes read, or an errno.
  private func receive() -> ([UInt8]?, Int32) {
    var count = 0
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, initialized in
      count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      code = errno
      initialized = max(0, count)
    }
    return count >= 0 ? (bytes, 0) : (nil, code)
  }

  private func checkPendingError() throws {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { throw Failure(code: errno) }
    // A reset happens after the connection was established; reading reports it.
    guard code == 0 || code == ECONNRESET else { throw Failure(code: code) }
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
