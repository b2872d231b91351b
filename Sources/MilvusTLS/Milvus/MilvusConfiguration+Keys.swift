import JSON

// MARK: What the author wrote

extension MilvusConfiguration {
  /// `common.security.tlsMode`; nil where it is not written, or is none that Milvus knows.
  var writtenExternal: ExternalMode? {
    let value = written[Self.key("common", "security", "tlsMode")]
    return ExternalMode.allCases.first { value?.means(.integer($0.tlsMode)) ?? false }
  }

  /// `common.security.internaltlsEnabled`; nil where it is not written.
  var writtenInternal: Bool? {
    let value = written[Self.key("common", "security", "internaltlsEnabled")]
    return [true, false].first { value?.means(.bool($0)) ?? false }
  }

  /// Whether TLS that stands, and that nobody's annotation or configuration speaks of, would go with a request: taking it away from
  /// running clients is asked for in so many words or not at all.
  func wouldLose(_ requested: RequestedTLS, annotations: [String: String]) -> Bool {
    let (mode, enabled) = (
      Self.key("common", "security", "tlsMode"), Self.key("common", "security", "internaltlsEnabled")
    )
    let external = written[mode] == nil && current[mode] != nil
    let `internal` = written[enabled] == nil && current[enabled] != nil
    return (external && requested.external == .disabled && annotations[Names.externalAnnotation] == nil)
      || (`internal` && !requested.internal && annotations[Names.internalAnnotation] == nil)
  }

  /// `internaltls.sni`.
  var writtenServerName: String? {
    written[Self.key("internaltls", "sni")]?.string
  }

  /// Sections of the configuration that stand where Milvus ignores them, each with its right place.
  var misplaced: [(field: String, place: String)] {
    ["tls", "internaltls"].filter { written[Self.key("common", $0)]?.object != nil }
      .map { (Self.key("common", $0).fieldPath, Self.key($0).fieldPath) }
  }

  /// A certificate path.
  func writtenPath(_ file: CertificateFile, in section: String) -> String? {
    written[Self.key(section, file.configurationKey)]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  static func key(_ path: String...) -> JSONPointer {
    JSONPointer(config.tokens + path)
  }
}

// MARK: Configuration keys

extension MilvusConfiguration {
  /// Milvus's port for gRPC (`proxy.port`).
  private static let port = 19530
  /// What else a Milvus pod listens on: metrics, and the components' own ports.
  private static let takenPorts: Set = [9091, 19529, 53100, 13333, 19531, 31000, 21121, 21123, 21124, 22222]

  func configure(_ draft: inout Draft, intent: TLSIntent, places: [Place]) {
    let tlsMode = Self.key("common", "security", "tlsMode")
    let `internal` = Self.key("common", "security", "internaltlsEnabled")
    if intent.external != .disabled {
      draft.require(.integer(intent.external.tlsMode), at: tlsMode)
      serveREST(&draft, port: intent.spec.external.restPort)
    }
    if intent.isInternalEnabled {
      draft.require(true, at: `internal`)
      draft.require(.string(intent.serverName), at: Self.key("internaltls", "sni"))
    }
    refuseWhatIsOff(&draft, intent.external, isInternalEnabled: intent.isInternalEnabled)
    for place in places {
      let key = Self.key(place.section, place.file.configurationKey)
      draft.require(.string(place.path), at: key)
      if FilePath(place.path) == nil { draft.refuse(key, "the absolute path of a file in a folder") }
    }
  }

  /// What contradicts a specification that asks for no TLS at all.
  var conflictsWithDisabled: [FieldConflict] {
    var draft = Draft(written: written, record: AppliedRecord(), current: written)
    refuseWhatIsOff(&draft, .disabled, isInternalEnabled: false)
    return draft.conflicts
  }

  private func refuseWhatIsOff(_ draft: inout Draft, _ external: ExternalMode, isInternalEnabled: Bool) {
    if external == .disabled, let writtenExternal, writtenExternal != .disabled {
      draft.refuse(Self.key("common", "security", "tlsMode"), "0")
    }
    if !isInternalEnabled, writtenInternal == true {
      draft.refuse(Self.key("common", "security", "internaltlsEnabled"), "false")
    }
  }

  /// REST cannot share port 19530 with gRPC once TLS is on; it gets a port of its own, in Milvus and in its Service.
  private func serveREST(_ draft: inout Draft, port: Int?) {
    let enabled = Self.key("proxy", "http", "enabled")
    let isOff = written[enabled]?.means(false) ?? false
    guard port != 0, !(isOff && port == nil) else { return }
    if isOff { return draft.refuse(enabled, "true") }
    let place = Self.key("proxy", "http", "port")
    // milvus-operator leads the Service's port to the same one of the container.
    let service = Self.components.appending(serving).appending("serviceRestfulPort")
    if let port {
      draft.require(.integer(port), at: place)
    } else {
      draft.suggest(.integer(written[service]?.number ?? 8080), at: place)
    }
    // Milvus takes "8080" as well; the Service's field is a number.
    let grpc = written[Self.key("proxy", "port")]?.number ?? Self.port
    guard let effective = draft.next[place]?.number, (1...65535).contains(effective), effective != grpc else {
      return draft.refuse(place, "a port from 1 to 65535 other than \(grpc), which is gRPC's")
    }
    guard !Self.takenPorts.contains(effective) else {
      return draft.refuse(place, "a port that Milvus itself does not use")
    }
    draft.suggest(.integer(effective), at: service)
  }

  /// The author's ports for REST in Milvus and in its Service, where these differ.
  var differingRESTPorts: (milvus: String, service: String)? {
    let (place, service) = (
      Self.key("proxy", "http", "port"), Self.components.appending(serving).appending("serviceRestfulPort")
    )
    guard let inside = written[place]?.number, let outside = written[service]?.number, inside != outside else {
      return nil
    }
    return ("\(place.fieldPath) is \(inside)", "\(service.fieldPath) is \(outside)")
  }
}

extension JSONValue {
  /// Whether Milvus reads two values alike: its configuration takes `"1"` for 1 and `"true"` for true.
  func means(_ other: JSONValue) -> Bool {
    if case .bool(let wanted) = other { return flag == wanted }
    return self == other || string == other.description || (string == nil && other.string == description)
  }

  /// What Go's `strconv.ParseBool` makes of a value's text.
  private var flag: Bool? {
    switch string ?? description {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }

  /// An integer, or a text that is one.
  var number: Int? { integer ?? string.flatMap(Int.init) }
}
