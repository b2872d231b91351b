import JSON
import PKI

/// What a release needs for its TLS, whatever kind of resource describes it: settings of Milvus, files, a port for
/// REST, and the digest that its pods carry. `MilvusConfiguration` says it in the fields of a `milvus.io/v1beta1`
/// Milvus.
struct TLSRequirements {
  /// A value of Milvus's configuration that the TLS cannot do without.
  struct Setting: Equatable {
    let key: SettingKey
    let value: JSONValue
    /// What needs it, for people.
    let purpose: String
  }

  /// Where REST is served; it cannot share gRPC's port once TLS is on.
  enum RESTPort: Equatable {
    /// Nothing is changed for REST: there is no external TLS.
    case unchanged
    /// REST is switched off.
    case off
    /// The author's port, or the usual one.
    case byDefault
    case specified(Int)
  }

  let external: ExternalMode
  let isInternalEnabled: Bool
  let settings: [Setting]
  let restPort: RESTPort
  /// The Secret that is mounted for the files; nil where the author mounts what provides them.
  let secretName: String?
  /// The name of its volume; nil where nobody named one.
  let volumeName: String?
  let files: [FileMount]
  private let serverName: String

  /// - Parameter isProvidedInPlace: whether the author mounts everything that provides the files.
  init(_ intent: TLSIntent, files: [FileMount], isProvidedInPlace: Bool) {
    external = intent.external
    isInternalEnabled = intent.isInternalEnabled
    secretName = isProvidedInPlace ? nil : intent.secrets.server
    volumeName = intent.spec.mount.volumeName
    serverName = intent.isInternalEnabled ? intent.serverName : ""
    self.files = files
    restPort =
      switch (intent.external, intent.spec.external.restPort) {
      case (.disabled, _): .unchanged
      case (_, 0): .off
      case (_, nil): .byDefault
      case (_, let port?): .specified(port)
      }
    var settings: [Setting] = []
    if intent.external != .disabled {
      let (mode, purpose) = (intent.external, "external TLS \(intent.external.rawValue)")
      settings.append(
        Setting(key: .tlsMode, value: .integer(mode.tlsMode), purpose: purpose)
      )
    }
    if intent.isInternalEnabled {
      let purpose = "internal TLS"
      settings.append(Setting(key: .internalEnabled, value: true, purpose: purpose))
      settings.append(Setting(key: .serverName, value: .string(intent.serverName), purpose: purpose))
    }
    self.settings = settings
  }

  /// The pods' annotation: it changes with the certificates, and with the TLS configuration, so that a pod that carries
  /// it runs with both.
  /// - Parameter certificates: digest of the certificates in the Secret.
  func digest(certificates: String) throws -> String {
    let files = files.map { file in
      "\(file.section) \(file.entry.secretName == secretName ? file.entry.key : file.entry.description) \(file.path)"
    }
    let text = ([external.rawValue, serverName, secretName ?? ""] + files).joined(separator: "\n")
    return try certificates + "-" + SHA256Digest.hexadecimal(of: Array(text.utf8)).prefix(16)
  }
}
