/// The Secrets of one Milvus.
public struct SecretNames: Sendable, Equatable {
  public let authority: String
  public let server: String
  /// Secret names by the client's name.
  public let clients: [String: String]

  /// Resolves the names that a MilvusTLS leaves open: `certs` and so on, or `<milvus>-certs` where one of them belongs
  /// to another Milvus. Names under which this Milvus has a Secret stay, whatever becomes free or taken later.
  /// - Parameters:
  ///   - mounted: the Secret that the Milvus's author mounts already.
  ///   - owner: the Milvus that a Secret of the operator belongs to.
  ///   - isUnrelated: whether a Secret is an unrelated program's.
  init(
    spec: MilvusTLSSpec,
    milvus: String,
    mounted: String?,
    owner: (String) -> String?,
    isUnrelated: (String) -> Bool = { _ in false }
  ) {
    let open = Self.openSuffixes(spec: spec, mounted: mounted)
    func owners(_ prefix: String) -> [String] { open.compactMap { owner(prefix + $0) } }
    let own = milvus + "-certs"
    let isServerOpen = (spec.certificate.secretName ?? mounted) == nil
    let isTaken = isServerOpen && owner(Self.standard) != milvus && isUnrelated(Self.standard)
    let isFree = owners(Self.standard).isEmpty && !isTaken
    let isShort = !owners(own).contains(milvus) && (owners(Self.standard).contains(milvus) || isFree)
    let prefix = isShort ? Self.standard : own
    authority = spec.authority.secretName ?? prefix + "-ca"
    server = spec.certificate.secretName ?? mounted ?? prefix
    clients = Dictionary(
      spec.clients.map { ($0.name, $0.secretName ?? prefix + "-" + $0.name) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The usual name of the server's Secret, and the beginning of the others'.
  static let standard = "certs"

  /// Names as they are in use.
  init(authority: String, server: String, clients: [String: String]) {
    (self.authority, self.server, self.clients) = (authority, server, clients)
  }

  /// The suffixes of the names that nobody wrote.
  private static func openSuffixes(spec: MilvusTLSSpec, mounted: String?) -> [String] {
    (spec.authority.secretName == nil ? ["-ca"] : [])
      + ((spec.certificate.secretName ?? mounted) == nil ? [""] : [])
      + spec.clients.filter { $0.secretName == nil }.map { "-" + $0.name }
  }
}
