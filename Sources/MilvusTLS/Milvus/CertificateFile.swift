/// One of the files that Milvus reads for TLS.
public enum CertificateFile: String, Sendable, Hashable, CaseIterable {
  case certificate, privateKey, authority

  /// The member of `tls` and `internaltls` that holds its path.
  var configurationKey: String {
    switch self {
    case .certificate: "serverPemPath"
    case .privateKey: "serverKeyPath"
    case .authority: "caPemPath"
    }
  }

  /// Its name in the operator's Secrets, and wherever nobody chose another.
  public var defaultName: String {
    switch self {
    case .certificate: Names.serverCertificate
    case .privateKey: Names.serverKey
    case .authority: Names.authorityCertificate
    }
  }
}

/// Under which keys a Secret holds the files; one that it does not hold is missing.
public typealias SecretKeys = [CertificateFile: String]

extension SecretKeys {
  /// The keys of the operator's own Secrets.
  public static let own = SecretKeys(uniqueKeysWithValues: CertificateFile.allCases.map { ($0, $0.defaultName) })
}

/// A path cut into folder and file name.
struct FilePath: Hashable {
  let folder: String
  let name: String

  /// Nil for a path that names no file in a folder of its own: a mount cannot take the root's place.
  init?(_ path: String) {
    guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
    folder = String(path[..<slash])
    name = String(path[path.index(after: slash)...])
    guard !name.isEmpty, !folder.hasSuffix("/") else { return nil }
  }
}
