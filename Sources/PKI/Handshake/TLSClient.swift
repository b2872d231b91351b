import COpenSSL

/// The client's side of one TLS connection between two buffers: what the server sent goes in, what it is to be sent comes out.
///
/// Owns one `SSL`, which owns its context and its two memory BIOs. Knows nothing of sockets and time, so the same code serves any ``ByteStream``.
///
/// OpenSSL verifies nothing here (`SSL_VERIFY_NONE`): it would end the handshake at the first fault, at the time of the system's clock, and hide both the
/// certificate and the server's own answer. ``ChainVerifier`` judges ``serverChain()`` afterwards; nothing confidential is ever sent.
final class TLSClient {
  /// How far a step got.
  enum Progress {
    /// The step is done: the handshake is complete, or a byte has come.
    case completed
    /// More bytes of the server's are needed.
    case needsInput
    case refused(TLSAlert)
    /// The server ended the connection in good order.
    case closed
    /// OpenSSL cannot go on, for its own reason.
    case failed(String)
  }

  /// Both are offered, since a server that speaks neither of the protocols offered ends the handshake (RFC 7301, 3.2): `h2` for gRPC, the other for plain
  /// HTTPS.
  private static let applicationProtocols = ["h2", "http/1.1"]

  private let connection: OpaquePointer
  /// From the server to OpenSSL; the connection's.
  private let input: OpaquePointer
  /// From OpenSSL to the server; the connection's.
  private let output: OpaquePointer
  private let wasAskedForCertificate: UnsafeMutablePointer<Bool>

  /// - Parameters:
  ///   - serverName: sent as SNI, unless it is an IP address (RFC 6066, 3).
  ///   - identity: what to show a server that asks.
  init(serverName: String, identity: TLSIdentity?) throws {
    let call = OpenSSLCall("prepare a TLS handshake")
    let context = try call.check(SSL_CTX_new(TLS_client_method()))
    // The connection holds a reference of its own.
    defer { SSL_CTX_free(context) }
    let connection = try call.check(SSL_new(context))
    let (newInput, newOutput) = (BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()))
    guard let input = newInput, let output = newOutput else {
      BIO_free(newInput)
      BIO_free(newOutput)
      SSL_free(connection)
      throw call.failure()
    }
    SSL_set_bio(connection, input, output)
    self.connection = connection
    self.input = input
    self.output = output
    wasAskedForCertificate = .allocate(capacity: 1)
    wasAskedForCertificate.initialize(to: false)
    try configure(serverName: serverName, identity: identity, call: call)
  }

  deinit {
    SSL_free(connection)
    wasAskedForCertificate.deallocate()
  }

  private func configure(serverName: String, identity: TLSIdentity?, call: OpenSSLCall) throws {
    SSL_set_connect_state(connection)
    SSL_set_verify(connection, SSL_VERIFY_NONE, nil)
    try call.check(COpenSSL_setMinimumVersion(connection, TLS1_2_VERSION))
    if IPAddress(serverName) == nil {
      try call.check(COpenSSL_setServerName(connection, serverName))
    }
    let protocols = Self.applicationProtocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    // Returns 0 for success, unlike the rest.
    guard SSL_set_alpn_protos(connection, protocols, UInt32(protocols.count)) == 0 else { throw call.failure() }
    if let identity {
      try use(identity, call: call)
    }
    // Called when the server asks, whether or not there is a certificate to show.
    let recordRequest: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { _, wasAsked in
      wasAsked?.assumingMemoryBound(to: Bool.self).pointee = true
      return 1
    }
    SSL_set_cert_cb(connection, recordRequest, wasAskedForCertificate)
  }

  private func use(_ identity: TLSIdentity, call: OpenSSLCall) throws {
    guard let leaf = identity.chain.first else { return }
    try CertificateStack.withStack(of: Array(identity.chain.dropFirst()), for: call) { intermediates in
      try leaf.handle.withPointer { certificate in
        try identity.key.handle.withPointer { key in
          try call.check(SSL_use_cert_and_key(connection, certificate, key, intermediates, 1))
        }
      }
    }
  }

  /// Takes the handshake as far as the input allows.
  func handshake() -> Progress {
    let call = OpenSSLCall("do a TLS handshake")
    return progress(SSL_do_handshake(connection), call: call)
  }

  /// Looks for the first byte after the handshake; session tickets and the like are dealt with on the way.
  func readByte() -> Progress {
    let call = OpenSSLCall("read over TLS")
    var byte: UInt8 = 0
    return progress(SSL_read(connection, &byte, 1), call: call)
  }

  /// Queues the notice that this side is done (RFC 8446, 6.1).
  func close() {
    SSL_shutdown(connection)
    ERR_clear_error()
  }

  /// Takes in what the server sent.
  func receive(_ bytes: [UInt8]) throws {
    let call = OpenSSLCall("buffer what a TLS server sent")
    guard !bytes.isEmpty else { return }
    guard let count = Int32(exactly: bytes.count) else { throw call.failure("a read gave over 2 GiB") }
    try call.check(BIO_write(input, bytes, count))
  }

  /// Takes out what the server is to be sent.
  func takeOutput() throws -> [UInt8] {
    let call = OpenSSLCall("take out what a TLS server is to be sent")
    let pending = BIO_ctrl_pending(output)
    guard pending > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: pending)
    try call.check(BIO_read(output, &bytes, Int32(pending)))
    return bytes
  }

  /// The version agreed on; nil before that.
  var version: TLSVersion? {
    TLSVersion(number: SSL_version(connection))
  }

  /// Whether the server has asked for a client certificate.
  var requestsClientCertificate: Bool { wasAskedForCertificate.pointee }

  /// What the server chose by ALPN.
  var applicationProtocol: String? {
    var bytes: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(connection, &bytes, &count)
    guard let bytes, count > 0 else { return nil }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }

  /// The certificates that the server has shown, its own first; empty before that.
  ///
  /// - Throws: ``PKIError`` where one is malformed.
  func serverChain() throws -> [Certificate] {
    let call = OpenSSLCall("read a TLS server's certificate")
    return try SSL_get_peer_cert_chain(connection).map { try CertificateStack.certificates(in: $0, for: call) } ?? []
  }

  private func progress(_ status: Int32, call: OpenSSLCall) -> Progress {
    guard status <= 0 else { return .completed }
    switch SSL_get_error(connection, status) {
    case SSL_ERROR_WANT_READ: return .needsInput
    case SSL_ERROR_ZERO_RETURN: return .closed
    default:
      let alert = COpenSSL_alert(ERR_peek_last_error())
      let reason = call.failure().reason
      return UInt8(exactly: alert).map { .refused(TLSAlert(code: $0)) } ?? .failed(reason)
    }
  }
}
