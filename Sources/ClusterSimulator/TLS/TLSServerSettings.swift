import PKI

/// What a TLS server shows and asks for, with the limits of Go's `crypto/tls`.
struct TLSServerSettings: Sendable, Equatable {
  /// The server's certificate, then what it sends along.
  let chain: [Certificate]
  /// The key of the first certificate.
  let key: PrivateKey
  /// Where there are any, a client certificate of one of them is required (Go's `RequireAndVerifyClientCert`), and TLS 1.3, as Milvus does in two-way mode.
  var clientAuthorities: [Certificate] = []

  static func == (left: Self, right: Self) -> Bool {
    // A key that fits the certificate is the same key.
    left.chain == right.chain && left.clientAuthorities == right.clientAuthorities
  }
}
