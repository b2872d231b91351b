import Foundation
import JSON
import PKI

/// A Milvus's certificates as the operator makes them: authority, server and client.
struct MilvusCertificates: Sendable {
  /// The name that the server is for.
  static let serverName = "m-milvus.default.svc"

  let authority: CertificateAuthority
  let server: TLSIdentity
  let client: TLSIdentity

  init(of authority: CertificateAuthority? = nil) throws {
    let validity = Validity(from: Date(), duration: 24 * 60 * 60)
    let signer =
      try authority
      ?? .selfSigned(subject: DistinguishedName(commonName: "CA"), algorithm: .ecdsa(.p256), validity: validity)
    self.authority = signer
    func identity(_ purpose: Purpose) throws -> TLSIdentity {
      let key = try PrivateKey(generating: .ecdsa(.p256))
      let request = try LeafRequest(
        purpose: purpose,
        subject: DistinguishedName(commonName: "\(purpose)"),
        dnsNames: purpose == .server ? [Self.serverName] : [],
        validity: validity
      )
      return try TLSIdentity(chain: [signer.issue(request, key: key)], key: key)
    }
    server = try identity(.server)
    client = try identity(.client)
  }

  /// What the Secret holds.
  func files() throws -> [String: String] {
    [
      "server.pem": server.chain[0].pem, "server.key": try server.key.pem(), "ca.pem": authority.certificate.pem,
    ]
  }
}
