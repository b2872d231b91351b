import COpenSSL
import Foundation
import PKI
import Testing

/// The server's side of one TLS connection, over a socket or over memory.
final class TLSServerSession {
  private static let emptySettingsFrame: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]

  private let connection: OpaquePointer
  private let settings: TLSServerSettings
  private var input: OpaquePointer?
  private var output: OpaquePointer?
  private var hasAnswered = false

  init(_ settings: TLSServerSettings) throws {
    let context = try #require(SSL_CTX_new(TLS_server_method()))
    defer { SSL_CTX_free(context) }
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(settings.version), nil)
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(settings.version), nil)
    // Shows the chain given, without what its verifier knows beside.
    SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(SSL_MODE_NO_AUTO_CHAIN), nil)
    try Self.show(settings.chain, key: settings.key, in: context)
    if !settings.clientAuthorities.isEmpty {
      try Self.requireClientCertificate(of: settings.clientAuthorities, at: settings.date, in: context)
    }
    SSL_CTX_set_alpn_select_cb(
      context,
      { _, chosen, count, offered, _, _ in
        // The list is of counted strings; the first is the one the client likes best.
        count?.pointee = offered?.pointee ?? 0
        chosen?.pointee = offered.map { $0 + 1 }
        return SSL_TLSEXT_ERR_OK
      },
      nil
    )
    connection = try #require(SSL_new(context))
    self.settings = settings
    SSL_set_accept_state(connection)
  }

  deinit {
    SSL_free(connection)
  }

  private static func show(_ chain: [Certificate], key: PrivateKey, in context: OpaquePointer) throws {
    for (index, certificate) in chain.enumerated() {
      let pointer = try x509(certificate)
      defer { X509_free(pointer) }
      if index == 0 {
        SSL_CTX_use_certificate(context, pointer)
      } else {
        SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(pointer))
      }
    }
    let pem = Array(try key.pem().utf8)
    let bio = try #require(BIO_new_mem_buf(pem, Int32(pem.count)))
    defer { BIO_free(bio) }
    let pointer = try #require(PEM_read_bio_PrivateKey(bio, nil, nil, nil))
    defer { EVP_PKEY_free(pointer) }
    try #require(SSL_CTX_use_PrivateKey(context, pointer) == 1)
  }

  private static func requireClientCertificate(of authorities: [Certificate], at date: Date, in context: OpaquePointer)
    throws
  {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), time_t(date.timeIntervalSince1970))
    for authority in authorities {
      let pointer = try x509(authority)
      defer { X509_free(pointer) }
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), pointer)
    }
  }

  private static func x509(_ certificate: Certificate) throws -> OpaquePointer {
    try certificate.der.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      return try #require(d2i_X509(nil, &position, bytes.count))
    }
  }

  /// Serves a blocking socket until the client or the settings end the connection.
  /// - Returns: the name that the client asked for, and whether it took leave (close_notify).
  func serve(_ descriptor: Int32) -> (serverName: String?, wasOrderly: Bool) {
    SSL_set_fd(connection, descriptor)
    let isComplete = SSL_do_handshake(connection) == 1
    let name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    guard isComplete, answer() else { return (name, false) }
    while read() {}
    return (name, SSL_get_shutdown(connection) & SSL_RECEIVED_SHUTDOWN != 0)
  }

  /// Takes what the client sent, and gives what it is to be sent.
  func exchange(_ bytes: [UInt8]) -> [UInt8] {
    if input == nil {
      input = BIO_new(BIO_s_mem())
      output = BIO_new(BIO_s_mem())
      SSL_set_bio(connection, input, output)
    }
    BIO_write(input, bytes, Int32(bytes.count))
    if SSL_do_handshake(connection) == 1, !hasAnswered {
      hasAnswered = true
      _ = answer()
    }
    var answer = [UInt8](repeating: 0, count: BIO_ctrl_pending(output))
    BIO_read(output, &answer, Int32(answer.count))
    return answer
  }

  /// Whether the connection goes on.
  private func answer() -> Bool {
    switch settings.answer {
    case .settings:
      return SSL_write(connection, Self.emptySettingsFrame, Int32(Self.emptySettingsFrame.count)) > 0
    case .nothing: return true
    case .leave:
      SSL_shutdown(connection)
      return false
    case .hangUp: return false
    }
  }

  private func read() -> Bool {
    var byte: UInt8 = 0
    return SSL_read(connection, &byte, 1) > 0
  }
}
