import JSON

// MARK: What the author wrote

extension MilvusConfiguration {
  private static let tlsMode = key("common", "security", "tlsMode")
  private static let internalEnabled = key("common", "security", "internaltlsEnabled")
  private static let restEnabled = key("proxy", "http", "enabled")
  private static let restPort = key("proxy", "http", "port")

  /// What the author says of TLS.
  var authored: AuthoredTLS {
    let (mode, enabled) = (written[Self.tlsMode], written[Self.internalEnabled])
    return AuthoredTLS(
      external: ExternalMode.allCases.first { mode?.isEqualForMilvus(to: .integer($0.tlsMode)) ?? false },
      internal: [true, false].first { enabled?.isEqualForMilvus(to: .bool($0)) ?? false },
      serverName: written[Self.key("internaltls", "sni")]?.string
    )
  }

  /// Whether a request takes out TLS that is on and that nobody's annotation or configuration speaks of: TLS goes off
  /// in so many words or not at all.
  func wouldLose(_ requested: RequestedTLS, annotations: [String: String]) -> Bool {
    let external = written[Self.tlsMode] == nil && current[Self.tlsMode] != nil
    let `internal` = written[Self.internalEnabled] == nil && current[Self.internalEnabled] != nil
    return (external && requested.external ?? .disabled == .disabled && annotations[Annotations.external] == nil)
      || (`internal` && !(requested.internal ?? false) && annotations[Annotations.internal] == nil)
  }

  /// Sections of the configuration that are where Milvus ignores them, each with its right place.
  var misplaced: [(field: String, place: String)] {
    ["tls", "internaltls"].filter { written[Self.key("common", $0)]?.object != nil }
      .map { (Self.key("common", $0).fieldPath, Self.key($0).fieldPath) }
  }

  /// A certificate path.
  func writtenPath(_ file: CertificateFile, in section: String) -> String? {
    written[Self.key(section, file.configurationKey)]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The author's ports for REST in Milvus and in its Service, where these differ.
  var differingRESTPorts: (milvus: String, service: String)? {
    guard let inside = written[Self.restPort]?.goInt, let outside = written[serviceRESTPort]?.goInt, inside != outside
    else { return nil }
    return ("\(Self.restPort.fieldPath) is \(inside)", "\(serviceRESTPort.fieldPath) is \(outside)")
  }

  /// milvus-operator leads this port of the Service to the same one of the container.
  private var serviceRESTPort: JSONPointer {
    Self.components.appending(serving.rawValue).appending("serviceRestfulPort")
  }

  static func key(_ path: String...) -> JSONPointer { JSONPointer(config.tokens + path) }
}

// MARK: Configuration keys

extension MilvusConfiguration {
  func configure(_ draft: inout Draft, _ requirements: TLSRequirements) {
    for setting in requirements.settings {
      draft.require(setting.value, at: JSONPointer(Self.config.tokens + setting.key), for: setting.purpose)
    }
    serveREST(&draft, requirements.restPort)
    refuseWhatIsOff(&draft, requirements.external, isInternalEnabled: requirements.isInternalEnabled)
    for file in requirements.files {
      let key = Self.key(file.section, file.file.configurationKey)
      draft.require(.string(file.path), at: key, for: "spec.mount.path")
      if FilePath(file.path) == nil { draft.refuse(key, "the absolute path of a file in a folder") }
    }
  }

  /// What contradicts a specification without any TLS.
  var conflictsWithDisabled: [FieldConflict] {
    var draft = Draft(written: written, record: AppliedRecord(), current: written)
    refuseWhatIsOff(&draft, .disabled, isInternalEnabled: false)
    return draft.conflicts
  }

  private func refuseWhatIsOff(_ draft: inout Draft, _ external: ExternalMode, isInternalEnabled: Bool) {
    let authored = authored
    if external == .disabled, let mode = authored.external, mode != .disabled {
      draft.refuse(Self.tlsMode, "0 for external TLS Disabled")
    }
    if !isInternalEnabled, authored.internal == true {
      draft.refuse(Self.internalEnabled, "false for internal TLS disabled")
    }
  }

  /// Milvus serves REST by default, and cannot do so on gRPC's port once TLS is on: newer releases panic. A port that
  /// the author wrote says that REST is wanted.
  private func switchRESTOff(_ draft: inout Draft) {
    let isOn = written[Self.restEnabled]?.goBool
    if isOn != false, written[Self.restPort]?.goInt != nil {
      return draft.refuse(Self.restPort, "unset for spec.external.restPort 0, which switches REST off")
    }
    draft.require(false, at: Self.restEnabled, for: "spec.external.restPort 0, which switches REST off")
  }

  /// REST gets a port of its own, in Milvus and in its Service.
  private func serveREST(_ draft: inout Draft, _ port: TLSRequirements.RESTPort) {
    let isOff = written[Self.restEnabled]?.isEqualForMilvus(to: false) ?? false
    switch port {
    case .unchanged: return
    case .off: return switchRESTOff(&draft)
    case .byDefault:
      if isOff { return }
      draft.suggest(.integer(written[serviceRESTPort]?.goInt ?? MilvusPort.standardREST), at: Self.restPort)
    case .specified(let port):
      if isOff { return draft.refuse(Self.restEnabled, "true for spec.external.restPort \(port)") }
      draft.require(.integer(port), at: Self.restPort, for: "spec.external.restPort")
    }
    // Milvus takes "8080" as well; the Service's field is a number.
    let grpc = written[Self.key("proxy", "port")]?.goInt ?? MilvusPort.external.standard
    guard let effective = draft.next[Self.restPort]?.goInt, (1...65535).contains(effective), effective != grpc else {
      return draft.refuse(Self.restPort, "a port from 1 to 65535 other than \(grpc), the gRPC port")
    }
    guard !MilvusPort.reserved.contains(effective) else {
      return draft.refuse(Self.restPort, "a port that no other server of Milvus uses")
    }
    draft.suggest(.integer(effective), at: serviceRESTPort)
  }
}
