/// What one Milvus shall have, with every default resolved.
public struct TLSIntent: Sendable, Equatable {
  public let spec: MilvusTLSSpec
  public let milvus: String
  public let external: ExternalMode
  public let isInternalEnabled: Bool
  public let secrets: SecretNames
  /// Where the server's Secret holds the files.
  public let keys: SecretKeys
  /// What asks for a rotation (annotation `tls.milvus.io/rotate`).
  public let rotation: String?
  /// What asks for a new authority (annotation `tls.milvus.io/rotate-authority`).
  public let authorityRotation: String?
  /// Common name of the server certificate.
  public let commonName: String
  /// DNS names of the server certificate, without doubles, in a fixed order.
  public let dnsNames: [String]
  public let ipAddresses: [String]
  /// `internaltls.sni`.
  public let serverName: String

  /// Resolves a specification for a Milvus: what it leaves open gives way to what the Milvus's author wrote.
  init(
    spec: MilvusTLSSpec,
    milvus: ObservedMilvus,
    configuration: MilvusConfiguration,
    secrets: SecretNames,
    keys: SecretKeys
  ) {
    let service = Names.service(of: milvus.name)
    let qualified = "\(service).\(milvus.namespace).svc"
    // A common name holds 64 characters at the most (RFC 5280, appendix A.1, ub-common-name).
    let commonName = spec.certificate.commonName ?? (qualified.utf8.count <= 64 ? qualified : service)
    let serverName = spec.internal.serverName ?? configuration.writtenServerName ?? commonName

    self.spec = spec
    self.milvus = milvus.name
    external = spec.external.mode ?? configuration.writtenExternal ?? .disabled
    isInternalEnabled = spec.internal.isEnabled ?? configuration.writtenInternal ?? false
    rotation = milvus.annotations[Names.rotateAnnotation]
    authorityRotation = milvus.annotations[Names.rotateAuthorityAnnotation]
    self.secrets = secrets
    self.keys = keys
    self.commonName = commonName
    self.serverName = serverName
    dnsNames =
      ([commonName, service, "\(service).\(milvus.namespace)", qualified, "\(qualified).cluster.local", "localhost"]
      + (isInternalEnabled ? [serverName] : []) + spec.certificate.dnsNames).withoutDoubles
    ipAddresses = (["127.0.0.1", "::1"] + spec.certificate.ipAddresses).withoutDoubles
  }

  /// Whether any TLS is asked for.
  public var isEnabled: Bool { external != .disabled || isInternalEnabled }

  /// The sections of Milvus's configuration that are used, with the files that each reads.
  var sections: [(name: String, files: [CertificateFile])] {
    (external == .disabled ? [] : [("tls", CertificateFile.allCases)])
      + (isInternalEnabled ? [("internaltls", CertificateFile.allCases)] : [])
  }

  /// The files that Milvus cannot do without: one-way TLS alone reads no authority.
  var requiredFiles: [CertificateFile] {
    external == .twoWay || isInternalEnabled ? CertificateFile.allCases : [.certificate, .privateKey]
  }
}

extension Array where Element: Hashable {
  /// The elements in their order, each once.
  var withoutDoubles: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
