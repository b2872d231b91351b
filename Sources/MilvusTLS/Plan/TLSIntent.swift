import PKI

/// What one Milvus has to have, with every default resolved.
public struct TLSIntent: Sendable, Equatable {
  public let spec: MilvusTLSSpec
  public let milvus: String
  public private(set) var external: ExternalMode
  public private(set) var isInternalEnabled: Bool
  public let secrets: SecretNames
  /// The entries of the server's Secret that hold the files.
  public let layout: SecretLayout
  /// The value of annotation `tls.milvus.io/rotate`.
  public let rotation: String?
  /// The value of annotation `tls.milvus.io/rotate-authority`.
  public let authorityRotation: String?
  /// Common name of the server certificate.
  public let commonName: String
  /// DNS names of the server certificate, each once, in a fixed order.
  public let dnsNames: [String]
  public let ipAddresses: [String]
  /// `internaltls.sni`.
  public let serverName: String
  /// Digest of what people specified for the certificates. It distinguishes their changes from changes of the
  /// operator's defaults.
  let specified: String?

  /// Resolves a specification for a Milvus: what it leaves open gives way to what the author of the Milvus wrote.
  init(
    spec: MilvusTLSSpec,
    milvus: ObservedMilvus,
    authored: AuthoredTLS,
    secrets: SecretNames,
    layout: SecretLayout
  ) {
    let service = ClientService.name(of: milvus.name)
    let qualified = "\(service).\(milvus.namespace).svc"
    // A common name holds 64 characters at the most (RFC 5280, appendix A.1, ub-common-name).
    let commonName = spec.certificate.commonName ?? (qualified.utf8.count <= 64 ? qualified : service)
    let writtenServerName = spec.internal.serverName ?? authored.serverName
    let serverName = writtenServerName ?? commonName

    self.spec = spec
    self.milvus = milvus.name
    external = spec.external.mode ?? authored.external ?? .disabled
    isInternalEnabled = spec.internal.isEnabled ?? authored.internal ?? false
    rotation = milvus.annotations[Annotations.rotate]
    authorityRotation = milvus.annotations[Annotations.rotateAuthority]
    self.secrets = secrets
    self.layout = layout
    self.commonName = commonName
    self.serverName = serverName
    dnsNames =
      ([commonName, service, "\(service).\(milvus.namespace)", qualified, "\(qualified).cluster.local", "localhost"]
      + (isInternalEnabled ? [serverName] : []) + spec.certificate.dnsNames).unique
    ipAddresses = (["127.0.0.1", "::1"] + spec.certificate.ipAddresses).unique
    let written = spec.certificate.written + (isInternalEnabled ? writtenServerName.map { "\n" + $0 } ?? "" : "")
    specified = (try? SHA256Digest.hexadecimal(of: Array(written.utf8))).map { String($0.prefix(16)) }
  }

  /// Whether any TLS is specified.
  public var isEnabled: Bool { external != .disabled || isInternalEnabled }

  /// The part that is about one section of Milvus's configuration.
  func restricted(to section: String) -> TLSIntent {
    var intent = self
    if section == "tls" { intent.isInternalEnabled = false } else { intent.external = .disabled }
    return intent
  }

  /// The sections of Milvus's configuration that are used, with the files that each reads.
  var sections: [(name: String, files: [CertificateFile])] {
    (external == .disabled ? [] : [("tls", CertificateFile.allCases)])
      + (isInternalEnabled ? [("internaltls", CertificateFile.allCases)] : [])
  }

  /// The files that Milvus cannot do without: one-way TLS alone reads no CA.
  var requiredFiles: [CertificateFile] {
    external == .twoWay || isInternalEnabled ? CertificateFile.allCases : [.certificate, .privateKey]
  }
}
