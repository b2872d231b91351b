import COpenSSL

/// Side of a TLS connection that a certificate is for.
public enum Purpose: String, Sendable, Hashable, CaseIterable {
  case server
  case client

  var extendedKeyUsage: ExtendedKeyUsage {
    switch self {
    case .server: .serverAuth
    case .client: .clientAuth
    }
  }

  /// OpenSSL's identifier for chain verification.
  var openSSLPurpose: Int32 {
    switch self {
    case .server: X509_PURPOSE_SSL_SERVER
    case .client: X509_PURPOSE_SSL_CLIENT
    }
  }
}
