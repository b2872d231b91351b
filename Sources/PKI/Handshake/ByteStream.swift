/// Transport of one TLS connection: a socket or a forwarded stream.
///
/// Both methods must return soon after their task is cancelled: timeouts rely on it.
public protocol ByteStream: Sendable {
  /// The next bytes; empty after the peer has closed its side.
  func read() async throws -> [UInt8]

  /// Writes all bytes, in order.
  ///
  /// It should not throw if the peer has closed the connection: earlier data from the peer can still be read and often
  /// contains the reason.
  func write(_ bytes: [UInt8]) async throws
}
