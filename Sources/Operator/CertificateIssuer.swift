import Foundation
import JSON
import MilvusTLS
import PKI

/// Makes the contents of the operator's Secrets. Private keys exist only here, on their way into a Secret.
struct CertificateIssuer {
  /// The contents of a new authority's Secret.
  static func authority(_ request: CertificateRequest, now: Date) throws -> [String: String] {
    let authority = try CertificateAuthority.selfSigned(
      subject: request.subject,
      algorithm: request.algorithm,
      validity: validity(of: request, now: now)
    )
    return [
      Names.authorityCertificate: authority.certificate.pem, Names.authorityKey: try authority.key.pem(),
    ]
  }

  /// The contents of a server's or a client's Secret.
  /// - Parameters:
  ///   - secret: the authority's Secret.
  ///   - old: the Secret to be replaced, where its key stays.
  /// - Returns: the contents, and the authority's certificate.
  static func leaf(
    _ request: CertificateRequest,
    authority secret: JSONValue,
    keepingKeyOf old: JSONValue?,
    now: Date
  ) throws -> ([String: String], Certificate) {
    let authorityKey = try PrivateKey(pem: text(Names.authorityKey, of: secret))
    let certificates = try Certificate.chain(pem: text(Names.authorityCertificate, of: secret))
    guard let own = certificates.first else {
      throw PKIError(operation: "read the authority's Secret", reason: "it holds no certificate")
    }
    let authority = try CertificateAuthority(certificate: own, key: authorityKey)
    let key =
      try old.map { try PrivateKey(pem: text(request.role.privateKeyKey, of: $0)) }
      ?? PrivateKey(generating: request.algorithm)
    let certificate = try authority.issue(
      LeafRequest(
        purpose: request.role == .client ? .client : .server,
        subject: request.subject,
        dnsNames: request.dnsNames,
        ipAddresses: request.ipAddresses,
        validity: validity(of: request, now: now)
      ),
      key: key
    )
    let contents = [
      request.role.certificateKey: certificate.pem, request.role.privateKeyKey: try key.pem(),
      Names.authorityCertificate: authority.certificate.pem,
    ]
    return (contents, authority.certificate)
  }

  /// The Secret with these contents, owned by a Milvus.
  static func secret(_ request: CertificateRequest, contents: [String: String], owner: ObservedMilvus) -> JSONValue {
    let annotations = request.rotation.map { JSONValue.object([Names.rotateAnnotation: .string($0)]) }
    var secret: JSONValue = [
      "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
      "metadata": [
        "name": .string(request.secretName), "namespace": .string(owner.namespace),
        "labels": [
          Names.managedByLabel: .string(Names.manager), Names.milvusLabel: .string(owner.name),
          Names.roleLabel: .string(request.role.rawValue),
        ],
        "ownerReferences": [owner.ownerReference],
      ],
      "data": .object(contents.mapValues { .string(Data($0.utf8).base64EncodedString()) }),
    ]
    secret[JSONPointer(["metadata", "annotations"])] = annotations
    return secret
  }

  private static func validity(of request: CertificateRequest, now: Date) -> Validity {
    Validity(from: now, duration: TimeInterval(request.duration.components.seconds))
  }

  private static func text(_ key: String, of secret: JSONValue) throws -> String {
    guard let encoded = secret["data"]?[key]?.string, let data = Data(base64Encoded: encoded) else {
      throw PKIError(operation: "read a Secret", reason: "it has no \(key)")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
