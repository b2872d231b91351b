/// One of the files that Milvus reads for TLS.
public enum CertificateFile: String, Sendable, Hashable, CaseIterable {
  case certificate, privateKey, authority

  /// The member of `tls` and `internaltls` that holds its path.
  var configurationKey: String {
    switch self {
    case .certificate: "serverPemPath"
    case .privateKey: "serverKeyPath"
    case .authority: "caPemPath"
    }
  }

  /// Its name in the operator's Secrets, and wherever nobody chose another.
  public var defaultName: String {
    switch self {
    case .certificate: SecretEntry.serverCertificate
    case .privateKey: SecretEntry.serverKey
    case .authority: SecretEntry.authorityCertificate
    }
  }
}
