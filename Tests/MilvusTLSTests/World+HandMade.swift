import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// What is to be wrong with a certificate that somebody made by hand.
struct HandMade {
  var names = ["my-release-milvus", "my-release-milvus.default.svc", "localhost"]
  var algorithm = PrivateKey.Algorithm.ecdsa(.p256)
  var purpose = Purpose.server
  /// Start and end, in seconds from the world's beginning.
  var validity: ClosedRange<TimeInterval> = -86400...(365 * 86400)
  var hasForeignKey = false
  var hasForeignAuthority = false

  /// Certificate, key and authority.
  func files() throws -> [CertificateFile: String] {
    let authority = try Self.authority("by hand, authority")
    let (key, other) = (try PrivateKey(generating: algorithm), try PrivateKey(generating: algorithm))
    let certificate = try authority.issue(
      LeafRequest(
        purpose: purpose,
        subject: try DistinguishedName(commonName: "by hand"),
        dnsNames: names,
        ipAddresses: [],
        validity: Validity(notBefore: World.now + validity.lowerBound, notAfter: World.now + validity.upperBound)
      ),
      key: key
    )
    return [
      .certificate: certificate.pem, .privateKey: try (hasForeignKey ? other : key).pem(),
      .authority: (hasForeignAuthority ? try Self.authority("other") : authority).certificate.pem,
    ]
  }

  private static func authority(_ name: String) throws -> CertificateAuthority {
    try CertificateAuthority.selfSigned(
      subject: try DistinguishedName(commonName: name),
      algorithm: .ecdsa(.p256),
      validity: Validity(notBefore: World.now - 10 * 365 * 86400, notAfter: World.now + 10 * 365 * 86400)
    )
  }
}

extension World {
  /// Adds a Secret that somebody made by hand, or makes it anew.
  mutating func addForeignSecret(_ name: String, _ hand: HandMade = HandMade(), keys: SecretLayout = .own) throws {
    let files = try hand.files()
    let data = keys.compactMap { file, key in files[file].map { (key, $0) } }
    addSecret(name, role: nil, data: Dictionary(uniqueKeysWithValues: data))
  }

  mutating func removeForeignSecret(_ name: String) {
    unwatched[name] = nil
    observation.unmanagedVersions[name] = nil
  }

  func value(_ path: String...) -> JSONValue? { milvus["spec"]?[JSONPointer(path)] }

  mutating func annotate(_ name: String, _ value: String?) {
    setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/" + name])] = value.map(JSONValue.string) }
  }
}
