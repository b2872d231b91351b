import JSON

/// A setting of Milvus that TLS depends on: its place in milvus.yaml, and the components that read it.
struct SettingKey: Hashable {
  /// The names from the root of milvus.yaml, as Milvus's documentation writes them.
  let path: [String]
  /// Whether only the component that clients talk to reads it; otherwise all do.
  let isOfServing: Bool

  private init(_ path: String..., isOfServing: Bool) {
    self.path = path
    self.isOfServing = isOfServing
  }

  /// 0 off, 1 one-way, 2 two-way.
  static let tlsMode = SettingKey("common", "security", "tlsMode", isOfServing: true)
  static let internalEnabled = SettingKey("common", "security", "internaltlsEnabled", isOfServing: false)
  /// The name that components expect in each other's certificate.
  static let serverName = SettingKey("internaltls", "sni", isOfServing: false)
  static let restEnabled = SettingKey("proxy", "http", "enabled", isOfServing: true)
  static let restPort = SettingKey("proxy", "http", "port", isOfServing: true)

  static let logLevel = SettingKey("log", "level", isOfServing: false)
  static let logToStandardOutput = SettingKey("log", "stdout", isOfServing: false)

  /// The path of a file.
  /// - Parameter section: `tls` or `internaltls`.
  static func path(_ file: CertificateFile, in section: String) -> SettingKey {
    SettingKey(section, file.configurationKey, isOfServing: section == "tls")
  }

  /// The port of a server.
  static func port(_ port: MilvusPort) -> SettingKey { SettingKey(port.section, port.key, isOfServing: false) }

  /// Every setting that TLS depends on.
  static let all: [SettingKey] =
    [tlsMode, internalEnabled, serverName, restEnabled, restPort]
    + ["tls", "internaltls"].flatMap { section in CertificateFile.allCases.map { path($0, in: section) } }

  /// As Milvus looks it up.
  var normalized: String { Self.normalized(path.joined()) }

  /// A key as Milvus compares it: in lower case, without `.`, `_` and `/` (pkg/config, `formatKey`).
  static func normalized(_ text: String) -> String {
    String(text.lowercased().filter { $0 != "." && $0 != "_" && $0 != "/" })
  }
}

extension SettingKey: CustomStringConvertible {
  /// `common.security.tlsMode`
  var description: String { path.joined(separator: ".") }
}
