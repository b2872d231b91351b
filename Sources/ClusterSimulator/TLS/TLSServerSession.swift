import COpenSSL

/// The server's side of one TLS connection between two buffers: what the client sent goes in, what it is to be sent comes out.
///
/// Owns one `SSL`, which owns its two memory BIOs.
final class TLSServerSession {
  enum Progress {
    case completed
    /// More bytes of the client's are needed.
    case needsInput
    /// The client took leave, or is refused; what it is told lies ready in the output.
    case ended
  }

  private let connection: OpaquePointer
  /// From the client to OpenSSL; the connection's.
  private let input: OpaquePointer?
  /// From OpenSSL to the client; the connection's.
  private let output: OpaquePointer?

  init(_ context: TLSServerContext) throws {
    connection = try context.makeConnection()
    input = BIO_new(BIO_s_mem())
    output = BIO_new(BIO_s_mem())
    SSL_set_bio(connection, input, output)
    SSL_set_accept_state(connection)
  }

  deinit {
    SSL_free(connection)
  }

  /// Takes the handshake as far as the input allows.
  func handshake() -> Progress {
    ERR_clear_error()
    return progress(SSL_do_handshake(connection))
  }

  /// What the input holds, decrypted, and whether more can come.
  func read() -> (bytes: [UInt8], isOver: Bool) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      ERR_clear_error()
      let count = SSL_read(connection, &buffer, Int32(buffer.count))
      guard count > 0 else {
        if case .needsInput = progress(count) { return (bytes, false) }
        return (bytes, true)
      }
      bytes += buffer.prefix(Int(count))
    }
  }

  /// Encrypts bytes for the client.
  func write(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    SSL_write(connection, bytes, Int32(bytes.count))
  }

  /// Takes leave (RFC 8446, 6.1).
  func close() {
    SSL_shutdown(connection)
  }

  /// Takes in what the client sent.
  func receive(_ bytes: [UInt8]) {
    BIO_write(input, bytes, Int32(bytes.count))
  }

  /// Takes out what the client is to be sent.
  func takeOutput() -> [UInt8] {
    let pending = BIO_ctrl_pending(output)
    guard pending > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: pending)
    BIO_read(output, &bytes, Int32(pending))
    return bytes
  }

  private func progress(_ status: Int32) -> Progress {
    guard status <= 0 else { return .completed }
    return SSL_get_error(connection, status) == SSL_ERROR_WANT_READ ? .needsInput : .ended
  }
}
