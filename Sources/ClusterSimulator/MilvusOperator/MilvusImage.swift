import Foundation
import PKI

/// Contents of Milvus's image: a certificate whose key is public, the default of both `serverPemPath`s.
enum MilvusImage {
  /// Contents of its certificate files, by path.
  static let files: [String: String] = (try? makeFiles()) ?? [:]

  private static func makeFiles() throws -> [String: String] {
    let validity = Validity(from: Date(), duration: 3650 * 24 * 60 * 60)
    let authority = try CertificateAuthority.selfSigned(
      subject: DistinguishedName(commonName: "Certificate authority in the Milvus image"),
      algorithm: .ecdsa(.p256),
      validity: validity
    )
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let request = try LeafRequest(
      purpose: .server,
      subject: DistinguishedName(commonName: "localhost"),
      dnsNames: ["localhost"],
      validity: validity
    )
    let folder = "/milvus/configs/cert"
    return [
      "\(folder)/ca.pem": authority.certificate.pem,
      "\(folder)/server.pem": try authority.issue(request, key: key).pem,
      "\(folder)/server.key": try key.pem(),
    ]
  }
}
