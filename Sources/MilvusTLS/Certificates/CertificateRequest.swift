import Foundation
import PKI

/// A certificate that a Secret shall hold.
public struct CertificateRequest: Sendable, Equatable {
  public let role: SecretRole
  public let secretName: String
  /// Name of the client, for a client's certificate.
  public let client: String?
  public let subject: DistinguishedName
  public let dnsNames: [String]
  /// In the form in which a certificate gives them back, so that both compare equal.
  public let ipAddresses: [String]
  public let algorithm: PrivateKey.Algorithm
  public let duration: Duration
  /// How long before its end it is renewed; nil: the last third of its lifetime.
  public let renewBefore: Duration?
  /// What asks for a rotation, once for each value; nil for nothing.
  public let rotation: String?
  /// How long a former authority stays trusted, for clients to take up the new one.
  let overlap: Duration

  /// From when to when a certificate is valid that is issued at a time.
  public func validity(from date: Date) -> Validity {
    Validity(from: date, duration: TimeInterval(duration.components.seconds))
  }
}

extension CertificateRequest {
  /// The authority of a Milvus.
  /// - Parameter version: counts the authorities of a Milvus: some chain builders confuse two of the same name.
  /// - Throws: `PKIError` for a subject that X.509 does not take.
  init(authorityFor intent: TLSIntent, version: Int = 1) throws {
    // A subject of its own: a chain builder could take a leaf of the same name for its own issuer.
    let suffix = Self.authorityMark + (version > 1 ? " v\(version)" : "")
    role = .authority
    secretName = intent.secrets.authority
    client = nil
    subject = try intent.spec.certificate.subject.named(intent.milvus.prefix(64 - suffix.count) + suffix)
    dnsNames = []
    ipAddresses = []
    algorithm = intent.spec.certificate.algorithm
    duration = intent.spec.authority.duration
    renewBefore = nil
    rotation = intent.authorityRotation
    overlap = intent.spec.authority.overlap
  }

  private static let authorityMark = "-milvus authority"

  /// The version in the name of one of the operator's own authorities; 0 for any other.
  static func version(ofAuthority name: String) -> Int {
    guard let mark = name.range(of: authorityMark, options: .backwards) else { return 0 }
    let end = name[mark.upperBound...]
    return end.isEmpty ? 1 : end.hasPrefix(" v") ? Int(end.dropFirst(2)) ?? 0 : 0
  }

  /// The certificate of all servers of a Milvus.
  /// - Throws: `PKIError` for a name that no certificate can carry.
  init(serverFor intent: TLSIntent) throws {
    try self.init(
      leaf: .server,
      secretName: intent.secrets.server,
      client: nil,
      commonName: intent.commonName,
      dnsNames: intent.dnsNames,
      ipAddresses: intent.ipAddresses,
      intent: intent
    )
  }

  /// The certificate of a client.
  /// - Throws: `PKIError` for a name that no certificate can carry.
  init(client name: String, secretName: String, for intent: TLSIntent) throws {
    try self.init(
      leaf: .client,
      secretName: secretName,
      client: name,
      commonName: name,
      dnsNames: [],
      ipAddresses: [],
      intent: intent
    )
  }

  private init(
    leaf role: SecretRole,
    secretName: String,
    client: String?,
    commonName: String,
    dnsNames: [String],
    ipAddresses: [String],
    intent: TLSIntent
  ) throws {
    let spec = intent.spec.certificate
    let subject = try spec.subject.named(commonName)
    // Checks every name, and brings it into the form that a certificate gives back.
    let leaf = try LeafRequest(
      purpose: role == .client ? .client : .server,
      subject: subject,
      dnsNames: dnsNames,
      ipAddresses: ipAddresses,
      validity: Validity(notBefore: .distantPast, notAfter: .distantFuture)
    )
    self.role = role
    self.secretName = secretName
    self.client = client
    self.subject = subject
    self.dnsNames = leaf.dnsNames
    self.ipAddresses = leaf.ipAddresses
    algorithm = spec.algorithm
    duration = spec.duration
    renewBefore = spec.renewBefore
    rotation = intent.rotation
    overlap = intent.spec.authority.overlap
  }
}

extension CertificateRequest {
  /// A request for another certificate like one that was issued.
  func inKind(of certificate: Certificate) -> CertificateRequest {
    // As `Validity` backdates it.
    let seconds = certificate.lifetime > 3300 ? certificate.lifetime - 300 : (certificate.lifetime / 1.1).rounded(.up)
    return CertificateRequest(
      role: role,
      secretName: secretName,
      client: client,
      subject: certificate.subject,
      dnsNames: certificate.dnsNames,
      ipAddresses: certificate.ipAddresses,
      algorithm: certificate.publicKeyAlgorithm ?? algorithm,
      duration: .seconds(Int64(seconds)),
      renewBefore: nil,
      rotation: rotation,
      overlap: overlap
    )
  }
}
