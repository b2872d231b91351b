import COpenSSL

/// Client side of one TLS connection between two buffers: data from the server goes in, data for the server comes out.
///
/// Owns one `SSL`, which owns its context and its two memory BIOs. It knows nothing about sockets and time, so it works
/// with any ``ByteStream``.
///
/// OpenSSL verifies nothing here (`SSL_VERIFY_NONE`): it would end the handshake at the first fault, at the system's
/// time, and hide both the certificate and the server's own answer. ``ChainVerifier`` verifies ``serverChain()``
/// afterwards; nothing confidential is ever sent.
final class TLSClient {
  /// Result of a step.
  enum Progress {
    /// The step is done: the handshake is complete, or a byte was received.
    case completed
    /// More data from the server is needed.
    case needsInput
    case refused(TLSAlert)
    /// The server closed the connection with close_notify.
    case closed
    /// OpenSSL cannot continue, for this reason.
    case failed(String)
  }

  /// Both are offered because a server that supports none of the offered protocols ends the handshake (RFC 7301, 3.2):
  /// `h2` for gRPC, `http/1.1` for HTTPS.
  private static let applicationProtocols = ["h2", "http/1.1"]

  private let connection: OpaquePointer
  /// Input from the server; owned by the connection.
  private let input: OpaquePointer
  /// Output to the server; owned by the connection.
  private let output: OpaquePointer
  private let wasAskedForCertificate: UnsafeMutablePointer<Bool>

  /// - Parameters:
  ///   - serverName: sent as SNI, unless it is an IP address (RFC 6066, 3).
  ///   - identity: certificate and key for a server that requests a certificate.
  init(serverName: String, identity: TLSIdentity?) throws {
    let call = OpenSSLCall("prepare a TLS handshake")
    let context = try call.check(SSL_CTX_new(TLS_client_method()))
    // The connection holds its own reference.
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
    // Returns 0 for success, unlike the other functions.
    guard SSL_set_alpn_protos(connection, protocols, UInt32(protocols.count)) == 0 else { throw call.failure() }
    if let identity {
      try use(identity, call: call)
    }
    // Called when the server requests a certificate, whether or not there is one to send.
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

  /// Advances the handshake as far as the input allows.
  func handshake() -> Progress {
    let call = OpenSSLCall("do a TLS handshake")
    return progress(SSL_do_handshake(connection), call: call)
  }

  /// Reads the first byte after the handshake. Session tickets and similar messages are processed on the way.
  func readByte() -> Progress {
    let call = OpenSSLCall("read over TLS")
    var byte: UInt8 = 0
    return progress(SSL_read(connection, &byte, 1), call: call)
  }

  /// Queues a close_notify alert (RFC 8446, 6.1).
  func close() {
    SSL_shutdown(connection)
    ERR_clear_error()
  }

  /// Appends data from the server to the input.
  func receive(_ bytes: [UInt8]) throws {
    let call = OpenSSLCall("buffer data from a TLS server")
    guard !bytes.isEmpty else { return }
    guard let count = Int32(exactly: bytes.count) else { throw call.failure("a read gave over 2 GiB") }
    try call.check(BIO_write(input, bytes, count))
  }

  /// Removes and returns the data for the server.
  func takeOutput() throws -> [UInt8] {
    let call = OpenSSLCall("get the data for a TLS server")
    let pending = BIO_ctrl_pending(output)
    guard pending > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: pending)
    try call.check(BIO_read(output, &bytes, Int32(pending)))
    return bytes
  }

  /// The negotiated version; nil before that.
  var version: TLSVersion? {
    TLSVersion(number: SSL_version(connection))
  }

  /// Whether the server has requested a client certificate.
  var requestsClientCertificate: Bool { wasAskedForCertificate.pointee }

  /// The protocol that the server selected by ALPN.
  var applicationProtocol: String? {
    var bytes: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(connection, &bytes, &count)
    guard let bytes, count > 0 else { return nil }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }

  /// The server's certificates, its own first; empty before it sends them.
  ///
  /// - Throws: ``PKIError`` if one is malformed.
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
