/// The Secrets of one Milvus.
public struct SecretNames: Sendable, Equatable {
  public let authority: String
  public let server: String
  /// Secret names by the client's name.
  public let clients: [String: String]

  /// Resolves the names that a MilvusTLS leaves open: `certs` and so on, or `<milvus>-certs` where one of them belongs to another
  /// Milvus. Names under which this Milvus has a Secret stay, whatever becomes free or taken later.
  /// - Parameters:
  ///   - mounted: the Secret that the Milvus's author mounts already.
  ///   - owner: the Milvus that a Secret of the operator belongs to.
  init(spec: MilvusTLSSpec, milvus: String, mounted: String?, owner: (String) -> String?) {
    let open = Self.openSuffixes(spec: spec, mounted: mounted)
    func owners(_ prefix: String) -> [String] { open.compactMap { owner(prefix + $0) } }
    let own = milvus + "-certs"
    let isShort = !owners(own).contains(milvus) && (owners("certs").contains(milvus) || owners("certs").isEmpty)
    let prefix = isShort ? "certs" : own
    authority = spec.authority.secretName ?? prefix + "-ca"
    server = spec.certificate.secretName ?? mounted ?? prefix
    clients = Dictionary(
      spec.clients.map { ($0.name, $0.secretName ?? prefix + "-" + $0.name) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The ends of the names that nobody wrote.
  private static func openSuffixes(spec: MilvusTLSSpec, mounted: String?) -> [String] {
    (spec.authority.secretName == nil ? ["-ca"] : [])
      + ((spec.certificate.secretName ?? mounted) == nil ? [""] : [])
      + spec.clients.filter { $0.secretName == nil }.map { "-" + $0.name }
  }
}

/// What one Milvus shall have, with every default resolved.
public struct TLSIntent: Sendable, Equatable {
  public let spec: MilvusTLSSpec
  public let milvus: String
  public let secrets: SecretNames
  /// Common name of the server certificate.
  public let commonName: String
  /// DNS names of the server certificate, without doubles, in a fixed order.
  public let dnsNames: [String]
  public let ipAddresses: [String]
  /// `internaltls.sni`.
  public let serverName: String

  /// Resolves a specification for a Milvus.
  /// - Parameter writtenServerName: the `internaltls.sni` that the Milvus's author wrote: a default gives way to it.
  init(
    spec: MilvusTLSSpec,
    namespace: String,
    milvus: String,
    secrets: SecretNames,
    writtenServerName: String?
  ) {
    let service = Names.service(of: milvus)
    let qualified = "\(service).\(namespace).svc"
    // A common name holds 64 characters at the most (RFC 5280, appendix A.1, ub-common-name).
    let commonName = spec.certificate.commonName ?? (qualified.utf8.count <= 64 ? qualified : service)
    let serverName = spec.internal.serverName ?? writtenServerName ?? commonName

    self.spec = spec
    self.milvus = milvus
    self.secrets = secrets
    self.commonName = commonName
    self.serverName = serverName
    dnsNames =
      ([commonName, service, "\(service).\(namespace)", qualified, "\(qualified).cluster.local", "localhost"]
      + (spec.internal.isEnabled ? [serverName] : []) + spec.certificate.dnsNames).withoutDoubles
    ipAddresses = (["127.0.0.1", "::1"] + spec.certificate.ipAddresses).withoutDoubles
  }
}

extension Array where Element: Hashable {
  /// The elements in their order, each once.
  var withoutDoubles: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
