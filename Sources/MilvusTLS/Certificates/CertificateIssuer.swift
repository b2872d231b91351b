import Foundation
import JSON
import PKI

/// Makes the contents of the operator's Secrets. Private keys exist only here, on their way into a Secret.
public enum CertificateIssuer {
  /// The Secret with an issued certificate, owned by a Milvus.
  /// - Parameters:
  ///   - authority: the authority's Secret; nil for an authority, which signs itself.
  ///   - old: the Secret to be replaced, where its certificate or key stays.
  /// - Throws: `PKIError` where a Secret does not hold what it shall, or nothing can be signed.
  public static func secret(
    for issue: TLSPlan.Issue,
    authority: JSONValue?,
    old: JSONValue?,
    owner: ObservedMilvus,
    now: Date
  ) throws -> JSONValue {
    let request = issue.request
    let contents =
      try authority.map { try leaf(issue, authority: $0, old: old, now: now) }
      ?? self.authority(request, old: old, now: now)
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
      "data": data(contents),
    ]
    let annotations = annotations(of: issue)
    if annotations != [:] { secret[JSONPointer(["metadata", "annotations"])] = annotations }
    return secret
  }

  /// The merge patch that puts another authority beside the present one, about to take over.
  public static func introduction(of request: CertificateRequest, reason: IssuanceReason.Reason, now: Date) throws
    -> JSONValue
  {
    let next = try CertificateAuthority.selfSigned(
      subject: request.subject,
      algorithm: request.algorithm,
      validity: request.validity(from: now)
    )
    return [
      "metadata": [
        "annotations": [
          Names.rotateAuthorityAnnotation: request.rotation.map(JSONValue.string) ?? .null,
          Names.replacementReasonAnnotation: .string(reason.rawValue),
        ]
      ],
      "data": data([
        Names.nextAuthorityCertificate: next.certificate.pem, Names.nextAuthorityKey: try next.key.pem(),
      ]),
    ]
  }

  /// The merge patch that has the next authority take over.
  /// - Parameter secret: the authority's Secret.
  public static func promotion(in secret: JSONValue) throws -> JSONValue {
    var data = data([
      Names.authorityCertificate: try text(Names.nextAuthorityCertificate, of: secret),
      Names.authorityKey: try text(Names.nextAuthorityKey, of: secret),
    ])
    data[Names.nextAuthorityCertificate] = .null
    data[Names.nextAuthorityKey] = .null
    return ["data": data]
  }

  private static func authority(_ request: CertificateRequest, old: JSONValue?, now: Date) throws -> [String: String] {
    let validity = request.validity(from: now)
    let authority =
      try old.map { try signer(in: $0).renewed(validity: validity) }
      ?? CertificateAuthority.selfSigned(subject: request.subject, algorithm: request.algorithm, validity: validity)
    return [
      Names.authorityCertificate: authority.certificate.pem, Names.authorityKey: try authority.key.pem(),
    ]
  }

  private static func leaf(
    _ issue: TLSPlan.Issue,
    authority: JSONValue,
    old: JSONValue?,
    now: Date
  ) throws -> [String: String] {
    let request = issue.request
    let role = request.role
    guard let trust = issue.trust else { throw PKIError(operation: "issue a certificate", reason: "nobody signs it") }
    let trusted = [Names.authorityCertificate: trust.trusted.map(\.pem).joined()]
    if issue.reason.keeps == .certificate, let old {
      return try [role.certificateKey, role.privateKeyKey].reduce(into: trusted) { $0[$1] = try text($1, of: old) }
    }
    let signer = try signer(in: authority)
    guard signer.certificate == trust.issuer.certificate else {
      throw PKIError(operation: "read the authority's Secret", reason: "it holds another authority than a moment ago")
    }
    let key =
      try old.map { try PrivateKey(pem: text(role.privateKeyKey, of: $0)) }
      ?? PrivateKey(generating: request.algorithm)
    let validity = request.validity(from: now)
    let certificate = try signer.issue(
      LeafRequest(
        purpose: role == .client ? .client : .server,
        subject: request.subject,
        dnsNames: request.dnsNames,
        ipAddresses: request.ipAddresses,
        validity: Validity(notBefore: validity.notBefore, notAfter: min(validity.notAfter, trust.issuer.notAfter))
      ),
      key: key
    )
    let chain = [certificate] + trust.issuer.intermediates
    return try trusted.merging([
      role.certificateKey: chain.map(\.pem).joined(), role.privateKeyKey: key.pem(),
    ]) { $1 }
  }

  private static func signer(in secret: JSONValue) throws -> CertificateAuthority {
    let key = try PrivateKey(pem: text(Names.authorityKey, of: secret))
    guard let own = try Certificate.chain(pem: text(Names.authorityCertificate, of: secret)).first else {
      throw PKIError(operation: "read the authority's Secret", reason: "it holds no certificate")
    }
    return try CertificateAuthority(certificate: own, key: key)
  }

  private static func annotations(of issue: TLSPlan.Issue) -> JSONValue {
    let request = issue.request
    var annotations: JSONValue = [:]
    let rotation = request.role == .authority ? Names.rotateAuthorityAnnotation : Names.rotateAnnotation
    // The value acted on is noted only by what acts on it.
    if issue.reason.keeps == .nothing { annotations[rotation] = request.rotation.map(JSONValue.string) }
    annotations[Names.trustedSinceAnnotation] = issue.trustedSince.map { .string($0.kubernetesTime) }
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
