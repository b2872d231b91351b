import COpenSSL

/// Server side of one TLS connection between two buffers: data from the client goes in, data for the client comes out.
///
/// Owns one `SSL`, which owns its two memory BIOs.
final class TLSServerSession {
  enum Progress {
    case completed
    /// More data from the client is needed.
    case needsInput
    /// The client closed the connection or is rejected; the final alert, if any, is in the output.
    case ended
  }

  private let connection: OpaquePointer
  /// Input from the client; owned by the connection.
  private let input: OpaquePointer?
  /// Output to the client; owned by the connection.
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

  /// Advances the handshake as far as the input allows.
  func handshake() -> Progress {
    ERR_clear_error()
    return progress(SSL_do_handshake(connection))
  }

  /// The decrypted input, and whether the connection is over.
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

  /// Queues a close_notify alert (RFC 8446, 6.1).
  func close() {
    SSL_shutdown(connection)
  }

  /// Appends data from the client to the input.
  func receive(_ bytes: [UInt8]) {
    BIO_write(input, bytes, Int32(bytes.count))
  }

  /// Removes and returns the data for the client.
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
