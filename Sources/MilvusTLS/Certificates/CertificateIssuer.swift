import Foundation
import JSON
import PKI

/// Makes the contents of the operator's Secrets. Private keys exist only here, on their way into a Secret.
public enum CertificateIssuer {
  /// The Secret with an issued certificate, owned by a Milvus.
  /// - Parameters:
  ///   - authority: the authority's Secret; nil for a CA, which signs itself.
  ///   - old: the Secret that is replaced, where its certificate or key stays.
  /// - Throws: `PKIError` where a Secret does not hold what is needed, or nothing can be signed.
  public static func secret(
    for write: TLSPlan.CertificateWrite,
    authority: JSONValue?,
    old: JSONValue?,
    owner: ObservedMilvus,
    now: Date
  ) throws -> JSONValue {
    let desired = write.desired
    let contents =
      try authority.map { try leaf(write, authority: $0, old: old, now: now) }
      ?? self.authority(desired, old: old, now: now)
    var secret: JSONValue = [
      "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
      "metadata": [
        "name": .string(desired.secretName), "namespace": .string(owner.namespace),
        "labels": [
          Labels.managedBy: .string(Labels.manager), Labels.milvus: .string(owner.name),
          Labels.role: .string(desired.role.rawValue),
        ],
        "ownerReferences": [owner.ownerReference],
      ],
      "data": data(contents),
    ]
    let annotations = annotations(of: write)
    if annotations != [:] { secret[JSONPointer(["metadata", "annotations"])] = annotations }
    return secret
  }

  /// The merge patch that puts a new CA beside the present one.
  public static func introduction(of desired: DesiredCertificate, reason: CertificateViolation.Reason, now: Date) throws
    -> JSONValue
  {
    let next = try CertificateAuthority.selfSigned(
      subject: desired.subject,
      algorithm: desired.algorithm,
      validity: desired.validity(from: now)
    )
    return [
      "metadata": [
        "annotations": [
          Annotations.rotateAuthority: desired.rotation.map(JSONValue.string) ?? .null,
          Annotations.replacementReason: .string(reason.rawValue),
        ]
      ],
      "data": data([
        SecretEntry.nextAuthorityCertificate: next.certificate.pem, SecretEntry.nextAuthorityKey: try next.key.pem(),
      ]),
    ]
  }

  /// The merge patch that has the next CA take over.
  /// - Parameter secret: the authority's Secret.
  public static func promotion(in secret: JSONValue) throws -> JSONValue {
    var data = data([
      SecretEntry.authorityCertificate: try text(SecretEntry.nextAuthorityCertificate, of: secret),
      SecretEntry.authorityKey: try text(SecretEntry.nextAuthorityKey, of: secret),
    ])
    data[SecretEntry.nextAuthorityCertificate] = .null
    data[SecretEntry.nextAuthorityKey] = .null
    return ["data": data]
  }

  private static func authority(_ desired: DesiredCertificate, old: JSONValue?, now: Date) throws -> [String: String] {
    let validity = desired.validity(from: now)
    let authority =
      try old.map { try renewed($0, desired, validity) }
      ?? CertificateAuthority.selfSigned(subject: desired.subject, algorithm: desired.algorithm, validity: validity)
    return [
      SecretEntry.authorityCertificate: authority.certificate.pem, SecretEntry.authorityKey: try authority.key.pem(),
    ]
  }

  /// A new certificate for the key of a CA, whose own certificate may be lost.
  private static func renewed(
    _ old: JSONValue,
    _ desired: DesiredCertificate,
    _ validity: Validity
  ) throws -> CertificateAuthority {
    if let standing = try? signer(in: old) { return try standing.renewed(validity: validity) }
    let key = try PrivateKey(pem: text(SecretEntry.authorityKey, of: old))
    return try .selfSigned(subject: desired.subject, key: key, validity: validity)
  }

  private static func leaf(
    _ write: TLSPlan.CertificateWrite,
    authority: JSONValue,
    old: JSONValue?,
    now: Date
  ) throws -> [String: String] {
    let desired = write.desired
    let role = desired.role
    guard let rotation = write.rotation else {
      throw PKIError(operation: "issue a certificate", reason: "there is no CA")
    }
    let bundle = [SecretEntry.authorityCertificate: rotation.bundle.map(\.pem).joined()]
    if write.violation.keeps == .certificate, let old {
      return try [role.certificateEntry, role.privateKeyEntry].reduce(into: bundle) { $0[$1] = try text($1, of: old) }
    }
    let signer = try signer(in: authority)
    guard signer.certificate == rotation.issuer.certificate else {
      throw PKIError(operation: "read the CA Secret", reason: "it was changed while the certificate was issued")
    }
    let key =
      try old.map { try PrivateKey(pem: text(role.privateKeyEntry, of: $0)) }
      ?? PrivateKey(generating: desired.algorithm)
    let validity = desired.validity(from: now)
    let certificate = try signer.issue(
      LeafRequest(
        purpose: role == .client ? .client : .server,
        subject: desired.subject,
        dnsNames: desired.dnsNames,
        ipAddresses: desired.ipAddresses,
        validity: Validity(notBefore: validity.notBefore, notAfter: min(validity.notAfter, rotation.issuer.notAfter))
      ),
      key: key
    )
    let chain = [certificate] + rotation.issuer.intermediates
    return try bundle.merging([
      role.certificateEntry: chain.map(\.pem).joined(), role.privateKeyEntry: key.pem(),
    ]) { $1 }
  }

  private static func signer(in secret: JSONValue) throws -> CertificateAuthority {
    let key = try PrivateKey(pem: text(SecretEntry.authorityKey, of: secret))
    guard let own = try Certificate.chain(pem: text(SecretEntry.authorityCertificate, of: secret)).first else {
      throw PKIError(operation: "read the CA Secret", reason: "it holds no certificate")
    }
    return try CertificateAuthority(certificate: own, key: key)
  }

  private static func annotations(of write: TLSPlan.CertificateWrite) -> JSONValue {
    let desired = write.desired
    var annotations: JSONValue = [:]
    let rotation = desired.role == .authority ? Annotations.rotateAuthority : Annotations.rotate
    // The value acted on is noted only by what acts on it.
    if write.violation.keeps == .nothing { annotations[rotation] = desired.rotation.map(JSONValue.string) }
    if write.violation.keeps != .certificate {
      annotations[Annotations.specified] = desired.specified.map(JSONValue.string)
    }
    annotations[Annotations.trustedSince] = write.trustedSince.map { .string($0.kubernetesTime) }
    annotations[Annotations.trusted] = (write.rotation?.bundle).map {
      .string($0.map(\.sha256Fingerprint).joined(separator: ","))
    }
    return annotations
  }

  private static func data(_ contents: [String: String]) -> JSONValue {
    .object(contents.mapValues { .string(Data($0.utf8).base64EncodedString()) })
  }

  private static func text(_ key: String, of secret: JSONValue) throws -> String {
    guard let encoded = secret["data"]?[key]?.string, let data = Data(base64Encoded: encoded) else {
      throw PKIError(operation: "read a Secret", reason: "it has no \(key)")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
