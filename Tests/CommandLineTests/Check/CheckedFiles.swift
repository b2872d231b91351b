import Foundation
import JSON
import PKI

@testable import milvus_tls

/// Files for one check, in a folder of their own.
///
/// `<cert>`, `<key>`, `<ca>`, `<both>` and `<bom>` in a text stand for certificate, key, CA, key and certificate in one
/// file, and a certificate behind a byte order mark, in Base64; with a capital letter (`<Cert>`), as they are.
struct CheckedFiles {
  let folder: Folder
  private let names: [String]

  /// A certificate for every name that the tests need, made once.
  private static let certificates: Result<(certificate: String, key: String, authority: String), any Error> = Result {
    let validity = Validity(notBefore: Date() - 3600, notAfter: Date() + 300 * 86400)
    let authority = try CertificateAuthority.selfSigned(
      subject: try DistinguishedName(commonName: "authority of the tests"),
      algorithm: .ecdsa(.p256),
      validity: validity
    )
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let certificate = try authority.issue(
      LeafRequest(
        purpose: .server,
        subject: try DistinguishedName(commonName: "search"),
        dnsNames: ["search-milvus", "search-milvus.shop", "search-milvus.shop.svc", "localhost"],
        ipAddresses: [],
        validity: validity
      ),
      key: key
    )
    return (certificate.pem, try key.pem(), authority.certificate.pem)
  }

  /// - Parameter texts: contents by name, in the order in which they are named to the program.
  init(_ texts: KeyValuePairs<String, String>) throws {
    folder = try Folder("files")
    names = texts.map(\.key)
    let (certificate, key, authority) = try Self.certificates.get()
    let parts = [
      "cert": certificate, "key": key, "ca": authority, "both": key + certificate, "bom": "\u{FEFF}" + certificate,
    ]
    for (name, text) in texts {
      let filled = parts.reduce(text) { text, part in
        text.replacing("<\(part.key)>", with: Data(part.value.utf8).base64EncodedString())
          .replacing("<\(part.key.capitalized)>", with: part.value)
      }
      try folder.write(filled, to: name)
    }
  }

  var paths: [String] { names.map { "\(folder.path)/\($0)" } }

  /// The findings, each as `file:line:column severity reason: message`.
  func findings() throws -> [String] {
    try FileCheck(paths.map(CheckedFile.init(reading:)), now: Date()).findings().map { finding in
      let file = URL(filePath: finding.file).lastPathComponent
      return
        "\(file):\(finding.place.line):\(finding.place.column) \(finding.severity) \(finding.reason): \(finding.message)"
    }
  }
}
