import PKI

/// Certificates of a TLS server and its requirements for clients, limited to what Go's `crypto/tls` can do.
struct TLSServerSettings: Sendable, Equatable {
  /// The server's certificate, then the intermediates.
  let chain: [Certificate]
  /// The key of the first certificate.
  let key: PrivateKey
  /// If not empty, a client certificate from one of these CAs is required (Go's `RequireAndVerifyClientCert`), and TLS
  /// 1.3, as in Milvus's two-way mode.
  var clientAuthorities: [Certificate] = []

  static func == (left: Self, right: Self) -> Bool {
    // A key that matches the certificate is the same key.
    left.chain == right.chain && left.clientAuthorities == right.clientAuthorities
  }
}
