import JSON
import PKI
import Schedule

/// `spec` of a MilvusTLS. Fields left out stay nil, so that a person's value and a default are never confused: only a
/// person's value can contradict what the Milvus says.
public struct MilvusTLSSpec: Sendable, Equatable {
  public struct External: Sendable, Equatable {
    public var mode: ExternalMode?
    /// Port of the REST API; 0 switches REST off.
    public var restPort: Int?
  }

  public struct Internal: Sendable, Equatable {
    public var isEnabled: Bool?
    /// `internaltls.sni`: the name under which the components check each other's certificate.
    public var serverName: String?
  }

  /// Who provides certificates.
  public enum Source: String, Sendable, CaseIterable {
    /// The operator, with a CA that it keeps or that is provided.
    case `operator` = "Operator"
    /// Somebody else, in Secrets that the operator never writes.
    case provided = "Provided"
    /// cert-manager, by `issuerRef`.
    case certManager = "CertManager"
  }

  public struct CertificateSpec: Sendable, Equatable {
    /// Nil where nobody wrote it: then `issuerRef` and the Secrets that are there decide.
    public var source: Source?
    public var secretName: String?
    public var commonName: String?
    public var dnsNames: [String]
    public var ipAddresses: [String]
    public var subject: Subject
    public var algorithm: PrivateKey.Algorithm
    public var duration: Duration
    /// How long before its end a certificate is renewed; nil for the last third of its lifetime.
    public var renewBefore: Duration?
    /// The cert-manager issuer that signs; nil for the CA that the operator keeps.
    public var issuer: IssuerReference?
    /// What people wrote of all this, as text: defaults of the operator are not in it.
    public var written: String
  }

  /// A cert-manager issuer (`cert-manager.io/v1`, `issuerRef` of a Certificate).
  public struct IssuerReference: Sendable, Equatable {
    public var name: String
    public var kind: String
    public var group: String
  }

  /// A certificate's subject without its common name.
  public struct Subject: Sendable, Equatable {
    public var country = ""
    public var province = ""
    public var locality = ""
    public var organization = ""
    public var organizationalUnit = ""

    /// The whole subject.
    /// - Throws: `PKIError` for a part that X.509 does not take.
    func named(_ commonName: String) throws -> DistinguishedName {
      try DistinguishedName(
        commonName: commonName,
        country: country,
        province: province,
        locality: locality,
        organization: organization,
        organizationalUnit: organizationalUnit
      )
    }
  }

  public struct AuthoritySpec: Sendable, Equatable {
    public var secretName: String?
    public var duration: Duration
    /// How long clients and nodes have to take up a new `ca.pem` at each step of a CA rotation; at most what
    /// `RenewalSchedule` allows.
    public var overlap: Duration
  }

  public struct Client: Sendable, Equatable {
    public var name: String
    public var secretName: String?
  }

  public struct Mount: Sendable, Equatable {
    public var path: String?
    public var volumeName: String?
  }

  public var external: External
  public var `internal`: Internal
  public var certificate: CertificateSpec
  public var authority: AuthoritySpec
  public var clients: [Client]
  public var mount: Mount
  /// `rotation.windows`: when rotations may begin; empty for any time.
  public var windows: [MaintenanceWindow]
  /// `rotation.restart`: whether pods are rolled when their certificate changes.
  public var restartsPods: Bool
  /// `verification.logs`: whether the pods' logs are read for the line on internal TLS.
  public var readsLogs: Bool
  /// `verification.handshake`: whether handshakes with the pods' ports check the served certificate.
  public var makesHandshakes: Bool
  /// `verification.plaintext`: whether the pods' ports are asked what they answer without TLS.
  public var asksInPlaintext: Bool
}

extension MilvusTLSSpec {
  /// Reads `spec` of a MilvusTLS as the API server stores it.
  /// - Parameters:
  ///   - json: the object under `spec`.
  ///   - minimumDuration: the shortest duration of a certificate that is accepted.
  /// - Throws: `FieldError` for a value that the CRD's schema cannot rule out by itself.
  public init(_ json: JSONValue, minimumDuration: Duration = .hours(1)) throws(FieldError) {
    external = External(
      mode: try Self.choice(json, "external", "mode"),
      restPort: json[path: "external", "restPort"]?.integer
    )
    `internal` = Internal(
      isEnabled: json[path: "internal", "enabled"]?.bool,
      serverName: Self.text(json[path: "internal", "serverName"])
    )
    certificate = try Self.certificate(json["certificate"] ?? [:], minimumDuration)
    let authorityDuration = try Self.duration(json, "authority", "duration", from: minimumDuration) ?? .hours(87600)
    authority = AuthoritySpec(
      secretName: Self.text(json[path: "authority", "secretName"]),
      duration: authorityDuration,
      overlap: min(
        try Self.duration(json, "authority", "overlap", from: .zero) ?? .hours(24),
        RenewalSchedule.longestOverlap(authorityDuration: authorityDuration)
      )
    )
    clients =
      json["clients"]?.array?.compactMap { client in
        Self.text(client["name"]).map { Client(name: $0, secretName: Self.text(client["secretName"])) }
      } ?? [Client(name: "client", secretName: nil)]
    mount = Mount(
      path: Self.text(json[path: "mount", "path"]),
      volumeName: Self.text(json[path: "mount", "volumeName"])
    )
    restartsPods = json[path: "rotation", "restart"]?.bool ?? true
    readsLogs = json[path: "verification", "logs"]?.bool ?? true
    makesHandshakes = json[path: "verification", "handshake"]?.bool ?? true
    asksInPlaintext = json[path: "verification", "plaintext"]?.bool ?? true
    windows = try Self.windows(json[path: "rotation", "windows"]?.array ?? [])
    guard authority.duration > certificate.duration else {
      throw FieldError(field: "spec.authority.duration", problem: "must be longer than spec.certificate.duration")
    }
  }

  /// Reads what can be read: fields that cannot be used count as left out, so that what serves can be kept alive.
  /// - Returns: the specification, and the first thing wrong with it.
  static func readingLeniently(_ json: JSONValue, minimumDuration: Duration) -> (MilvusTLSSpec?, FieldError?) {
    var (json, problem) = (json, FieldError?.none)
    // Each try takes a field away.
    for _ in 0..<20 {
      do throws(FieldError) {
        return (try MilvusTLSSpec(json, minimumDuration: minimumDuration), problem)
      } catch {
        problem = problem ?? error
        let place = error.field.split(separator: ".").dropFirst().map { String($0.prefix { $0 != "[" }) }
        json[JSONPointer(Array(place.prefix(2)))] = nil
      }
    }
    return (nil, problem)
  }

  private static func certificate(
    _ json: JSONValue,
    _ minimumDuration: Duration
  ) throws(FieldError) -> CertificateSpec {
    let algorithm: PrivateKey.Algorithm
    do {
      algorithm = try PrivateKey.Algorithm(
        name: json[path: "privateKey", "algorithm"]?.string ?? "ECDSA",
        size: json[path: "privateKey", "size"]?.integer
      )
    } catch {
      throw FieldError(field: "spec.certificate.privateKey", problem: "\(error)")
    }
    let source = try source(json)
    let field = { (name: String) in text(json[path: "subject", name]) ?? "" }
    let spec = CertificateSpec(
      source: source,
      secretName: text(json["secretName"]),
      commonName: text(json["commonName"]),
      dnsNames: json["dnsNames"]?.array?.compactMap(\.string) ?? [],
      ipAddresses: json["ipAddresses"]?.array?.compactMap(\.string) ?? [],
      subject: Subject(
        country: field("country"),
        province: field("province"),
        locality: field("locality"),
        organization: field("organization"),
        organizationalUnit: field("organizationalUnit")
      ),
      algorithm: algorithm,
      duration: try duration(["certificate": json], "certificate", "duration", from: minimumDuration) ?? .hours(8760),
      renewBefore: try duration(["certificate": json], "certificate", "renewBefore", from: .seconds(1)),
      issuer: text(json[path: "issuerRef", "name"]).map {
        IssuerReference(
          name: $0,
          kind: text(json[path: "issuerRef", "kind"]) ?? "Issuer",
          group: text(json[path: "issuerRef", "group"]) ?? "cert-manager.io"
        )
      },
      written: json.description
    )
    if let renewBefore = spec.renewBefore, renewBefore >= spec.duration {
      throw FieldError(
        field: "spec.certificate.renewBefore",
        problem: "must be shorter than spec.certificate.duration"
      )
    }
    return spec
  }

  private static func source(_ json: JSONValue) throws(FieldError) -> Source? {
    guard let text = text(json["source"]) else { return nil }
    let field = "spec.certificate.source"
    guard let source = Source(rawValue: text) else {
      let allowed = Source.allCases.map(\.rawValue).joined(separator: ", ")
      throw FieldError(field: field, problem: "\(text.quoted) is not one of \(allowed)")
    }
    let hasIssuer = Self.text(json[path: "issuerRef", "name"]) != nil
    if source == .certManager, !hasIssuer {
      throw FieldError(field: field, problem: "is CertManager, which needs spec.certificate.issuerRef")
    }
    if source != .certManager, hasIssuer {
      throw FieldError(field: field, problem: "is \(text), must be CertManager with spec.certificate.issuerRef")
    }
    return source
  }

  private static func windows(_ list: [JSONValue]) throws(FieldError) -> [MaintenanceWindow] {
    var windows: [MaintenanceWindow] = []
    for (index, json) in list.enumerated() {
      let field = "spec.rotation.windows[\(index)]"
      guard let text = json["duration"]?.string, let duration = Duration(kubernetes: text) else {
        throw FieldError(field: field + ".duration", problem: "is not a duration such as 4h or 90m")
      }
      do {
        windows.append(
          try MaintenanceWindow(
            schedule: json["schedule"]?.string ?? "",
            duration: duration,
            timeZone: Self.text(json["timeZone"]) ?? ""
          )
        )
      } catch {
        throw FieldError(field: "\(field).\(error.field.rawValue)", problem: error.problem)
      }
    }
    return windows
  }

  private static func text(_ value: JSONValue?) -> String? {
    value?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func choice(_ json: JSONValue, _ section: String, _ name: String) throws(FieldError) -> ExternalMode? {
    guard let text = json[path: section, name]?.string else { return nil }
    guard let mode = ExternalMode(rawValue: text) else {
      let allowed = ExternalMode.allCases.map(\.rawValue).joined(separator: ", ")
      throw FieldError(field: "spec.\(section).\(name)", problem: "\(text.quoted) is not one of \(allowed)")
    }
    return mode
  }

  /// - Parameter minimum: the shortest that is taken.
  private static func duration(
    _ json: JSONValue,
    _ section: String,
    _ name: String,
    from minimum: Duration
  ) throws(FieldError) -> Duration? {
    guard let text = text(json[path: section, name]) else { return nil }
    guard let duration = Duration(kubernetes: text) else {
      throw FieldError(
        field: "spec.\(section).\(name)",
        problem: "\(text.quoted) is not a duration such as 8760h, 90m or 1h30m"
      )
    }
    // The end has to fit the four digits that a certificate has for a year (RFC 5280, 4.1.2.5.2).
    guard (minimum...(.hours(876_000))).contains(duration) else {
      throw FieldError(
        field: "spec.\(section).\(name)",
        problem: "\(text.quoted) is not between \(minimum.kubernetes) and 876000h"
      )
    }
    return duration
  }
}
