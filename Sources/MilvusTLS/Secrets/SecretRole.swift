/// What a Secret of the operator is for; decides its entries.
public enum SecretRole: String, Sendable, Hashable {
  case authority, server, client

  /// The entry of the certificate (the chain, for a server or client).
  public var certificateEntry: String {
    switch self {
    case .authority: SecretEntry.authorityCertificate
    case .server: SecretEntry.serverCertificate
    case .client: SecretEntry.clientCertificate
    }
  }

  /// The entry of the private key.
  public var privateKeyEntry: String {
    switch self {
    case .authority: SecretEntry.authorityKey
    case .server: SecretEntry.serverKey
    case .client: SecretEntry.clientKey
    }
  }
}
