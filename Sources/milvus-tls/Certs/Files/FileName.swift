import MilvusTLS
import PKI

/// The names of gen.sh's files.
enum FileName {
  static let authorityCertificate = SecretEntry.authorityCertificate
  static let authorityKey = SecretEntry.authorityKey
  /// The key of a CA that was replaced.
  static let formerAuthorityKey = authorityKey + ".old"
  /// The last serial number of the CA, in openssl's form.
  static let serialNumber = "ca.srl"

  /// The files of a server or client certificate.
  static func leaf(_ purpose: Purpose) -> (key: String, certificate: String, request: String) {
    switch purpose {
    case .server: (SecretEntry.serverKey, SecretEntry.serverCertificate, "server.csr")
    case .client: (SecretEntry.clientKey, SecretEntry.clientCertificate, "client.csr")
    }
  }
}
