/// A connected transport for one TLS connection: a socket, or a stream that something else forwards.
///
/// Both calls must end soon after their task is cancelled: that is how timeouts take effect.
public protocol ByteStream: Sendable {
  /// The next bytes; empty once the peer has closed its side.
  func read() async throws -> [UInt8]

  /// Hands over all bytes, in order.
  ///
  /// Where the peer has closed the connection this should not throw: what the peer said before is still to be read, often the reason.
  func write(_ bytes: [UInt8]) async throws
}
