import COpenSSL
import PKI

/// Server side of TLS, for any number of connections.
///
/// Owns one `SSL_CTX`. Sendable because nothing changes it after `init`: connections only read it, and OpenSSL protects
/// its reference count, session cache and ticket keys with its own locks.
final class TLSServerContext: @unchecked Sendable {
  private let context: OpaquePointer

  /// - Parameter applicationProtocol: the server's protocol for ALPN as on the wire: one octet of length, then the name
  ///   (RFC 7301, 3.1). A client that offers only other protocols is rejected, as in Go.
  /// - Throws: `PKIError` if OpenSSL rejects the certificate or its key.
  init(_ settings: TLSServerSettings, applicationProtocol: StaticString) throws {
    ERR_clear_error()
    context = try Self.check(SSL_CTX_new(TLS_server_method()))
    let isTwoWay = !settings.clientAuthorities.isEmpty
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(isTwoWay ? TLS1_3_VERSION : TLS1_2_VERSION), nil)
    // Sends exactly the given chain, without certificates from its own store.
    SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(SSL_MODE_NO_AUTO_CHAIN), nil)
    try show(settings)
    if isTwoWay { try requireClientCertificate(of: settings.clientAuthorities) }
    select(applicationProtocol)
  }

  deinit {
    SSL_CTX_free(context)
  }

  /// A new connection, owned by the caller.
  func makeConnection() throws -> OpaquePointer {
    try withExtendedLifetime(self) { try Self.check(SSL_new(context)) }
  }

  private func show(_ settings: TLSServerSettings) throws {
    for (index, certificate) in settings.chain.enumerated() {
      let pointer = try Self.x509(certificate)
      defer { X509_free(pointer) }
      if index == 0 {
        try Self.check(SSL_CTX_use_certificate(context, pointer))
      } else {
        SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(pointer))
      }
    }
    let pem = Array(try settings.key.pem().utf8)
    let bio = try Self.check(BIO_new_mem_buf(pem, Int32(pem.count)))
    defer { BIO_free(bio) }
    let key = try Self.check(PEM_read_bio_PrivateKey(bio, nil, nil, nil))
    defer { EVP_PKEY_free(key) }
    try Self.check(SSL_CTX_use_PrivateKey(context, key))
  }

  private func requireClientCertificate(of authorities: [Certificate]) throws {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    // Go treats every certificate in its pool as a root.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), UInt(X509_V_FLAG_PARTIAL_CHAIN))
    // Without a session id context, resuming a session with a client certificate is an error.
    SSL_CTX_set_session_id_context(context, "milvus", 6)
    for authority in authorities {
      let pointer = try Self.x509(authority)
      defer { X509_free(pointer) }
      try Self.check(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), pointer))
    }
  }

  private func select(_ applicationProtocol: StaticString) {
    SSL_CTX_set_alpn_select_cb(
      context,
      { _, chosen, count, offered, offeredCount, own in
        guard let own = own?.assumingMemoryBound(to: UInt8.self), let chosen else { return SSL_TLSEXT_ERR_NOACK }
        return chosen.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 1) { chosen in
          let status = SSL_select_next_proto(chosen, count, own, UInt32(own.pointee) + 1, offered, offeredCount)
          return status == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
        }
      },
      // A literal's text is never freed, and is only read.
      UnsafeMutableRawPointer(mutating: applicationProtocol.utf8Start)
    )
  }

  private static func x509(_ certificate: Certificate) throws -> OpaquePointer {
    try certificate.der.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      return try check(d2i_X509(nil, &position, bytes.count))
    }
  }

  private static func check(_ pointer: OpaquePointer?) throws -> OpaquePointer {
    guard let pointer else { throw failure() }
    return pointer
  }

  private static func check(_ status: Int32) throws {
    guard status > 0 else { throw failure() }
  }

  private static func failure() -> PKIError {
    let reason = ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) }
    ERR_clear_error()
    return PKIError(operation: "prepare a TLS server", reason: reason ?? "unknown OpenSSL error")
  }
}
