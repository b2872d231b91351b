import Foundation
import PKI

/// A certificate that a Secret has to hold.
public struct DesiredCertificate: Sendable, Equatable {
  public let role: SecretRole
  public let secretName: String
  /// Name of the client, for a client's certificate.
  public let client: String?
  public internal(set) var subject: DistinguishedName
  public let dnsNames: [String]
  /// In the form in which a certificate gives them back, so that both compare equal.
  public let ipAddresses: [String]
  public let algorithm: PrivateKey.Algorithm
  public let duration: Duration
  /// How long before its end it is renewed; nil for the last third of its lifetime.
  public let renewBefore: Duration?
  /// The value of the annotation that requests a rotation; nil where nobody requests one.
  public let rotation: String?
  /// Digest of what a person specified for it; nil where that is not known, and for a CA.
  let specified: String?
  /// How long a former CA stays trusted.
  let overlap: Duration

  /// What it is, for people.
  public var title: String {
    switch role {
    case .authority: "CA"
    case .server: "server"
    case .client: "client"
    }
  }

  /// From when to when a certificate is valid that is issued at a time.
  public func validity(from date: Date) -> Validity { Validity(from: date, duration: duration.wholeSeconds) }
}

extension DesiredCertificate {
  /// The CA of a Milvus.
  /// - Parameter version: counts the CAs of a Milvus: some chain builders confuse two of the same name.
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
    specified = nil
    overlap = intent.spec.authority.overlap
  }

  private static let authorityMark = "-milvus authority"

  /// The version in the name of one of the operator's own CAs; 0 for any other.
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
    specified = intent.specified
    overlap = intent.spec.authority.overlap
  }
}

extension DesiredCertificate {
  /// Another certificate like one that was issued: keeps alive what serves while the specification cannot be acted on.
  init(like certificate: Certificate, in secret: ObservedSecret, role: SecretRole, client: String?, spec: MilvusTLSSpec)
  {
    let validity = Validity(notBefore: certificate.notBefore, notAfter: certificate.notAfter)
    self.role = role
    secretName = secret.name
    self.client = client
    subject = certificate.subject
    dnsNames = certificate.dnsNames
    ipAddresses = certificate.ipAddresses
    algorithm = certificate.publicKeyAlgorithm ?? spec.certificate.algorithm
    duration = .seconds(Int64(validity.requestedDuration))
    renewBefore = nil
    rotation = secret.rotation
    specified = secret.specified
    overlap = spec.authority.overlap
  }
}
