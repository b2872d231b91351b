import JSON

// MARK: What the author wrote

extension MilvusConfiguration {
  /// What the author says of TLS.
  var authored: AuthoredTLS {
    let modes = settings.effective(.tlsMode).map(\.value)
    let flags = settings.effective(.internalEnabled).compactMap(\.value.goBool)
    return AuthoredTLS(
      external: ExternalMode.allCases.first { mode in
        modes.first?.isEqualForMilvus(to: .integer(mode.tlsMode)) ?? false
      },
      // One component with TLS is enough to want it for all: the others could not talk to it.
      internal: flags.contains(true) ? true : flags.first,
      serverName: settings[.serverName]?.string
    )
  }

  /// Whether a request takes out TLS that is on and that nobody's annotation or configuration speaks of: TLS goes off
  /// in so many words or not at all.
  func wouldLose(_ requested: RequestedTLS, annotations: [String: String]) -> Bool {
    let current = currentSettings
    let external = settings[.tlsMode] == nil && current[.tlsMode] != nil
    let `internal` = settings[.internalEnabled] == nil && current[.internalEnabled] != nil
    return (external && requested.external ?? .disabled == .disabled && annotations[Annotations.external] == nil)
      || (`internal` && !(requested.internal ?? false) && annotations[Annotations.internal] == nil)
  }

  /// A certificate path.
  func writtenPath(_ file: CertificateFile, in section: String) -> String? {
    settings[.path(file, in: section)]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The author's ports for REST in Milvus and in its Service, where these differ.
  var differingRESTPorts: (milvus: String, service: String)? {
    guard let setting = settings.effective(.restPort).first, let inside = setting.value.goInt,
      let outside = written[serviceRESTPort]?.goInt, inside != outside
    else { return nil }
    return ("\(setting.field) is \(inside)", "\(serviceRESTPort.fieldPath) is \(outside)")
  }

  /// milvus-operator leads this port of the Service to the same one of the container.
  private var serviceRESTPort: JSONPointer {
    Self.components.appending(serving.rawValue).appending("serviceRestfulPort")
  }
}

// MARK: Configuration keys

extension MilvusConfiguration {
  func configure(_ draft: inout Draft, _ requirements: TLSRequirements) {
    refuseDoubledSettings(&draft)
    for setting in requirements.settings { require(&draft, setting.value, setting.key, for: setting.purpose) }
    serveREST(&draft, requirements.restPort)
    refuseWhatIsOff(&draft, requirements.external, isInternalEnabled: requirements.isInternalEnabled)
    for file in requirements.files {
      let key = SettingKey.path(file.file, in: file.section)
      require(&draft, .string(file.path), key, for: "spec.mount.path")
      if FilePath(file.path) == nil { draft.refuse(settings.place(of: key), "the absolute path of a file in a folder") }
    }
  }

  /// What contradicts a specification without any TLS.
  var conflictsWithDisabled: [FieldConflict] {
    var draft = Draft(written: written, record: AppliedRecord(), current: written)
    refuseWhatIsOff(&draft, .disabled, isInternalEnabled: false)
    return draft.conflicts
  }

  /// Sets a value of Milvus's configuration that the specified TLS cannot do without. An environment variable wins over
  /// it, so one that says something else is a conflict, and beside one that says the same no file counts.
  private func require(_ draft: inout Draft, _ value: JSONValue, _ key: SettingKey, for purpose: String) {
    for variable in settings.variables(key) where !variable.value.isEqualForMilvus(to: value) {
      draft.refuse(variable, "\(value.description) for \(purpose)")
    }
    guard !settings.isOverridden(key) else { return }
    draft.require(value, at: settings.place(of: key), for: purpose)
  }

  private func refuseDoubledSettings(_ draft: inout Draft) {
    for (_, settings) in settings.doubled {
      guard let first = settings.first else { continue }
      for setting in settings.dropFirst() {
        draft.refuse(setting, "removed: Milvus reads it as \(first.field) too, and takes either at each start")
      }
    }
  }

  private func refuseWhatIsOff(_ draft: inout Draft, _ external: ExternalMode, isInternalEnabled: Bool) {
    for setting in settings.effective(.tlsMode) where external == .disabled && setting.value.goInt ?? 0 != 0 {
      draft.refuse(setting, "0 for external TLS Disabled")
    }
    for setting in settings.effective(.internalEnabled) where !isInternalEnabled && setting.value.goBool == true {
      draft.refuse(setting, "false for internal TLS disabled")
    }
  }
}

// MARK: REST

extension MilvusConfiguration {
  /// REST gets a port of its own, in Milvus and in its Service.
  private func serveREST(_ draft: inout Draft, _ port: TLSRequirements.RESTPort) {
    let isOff = settings[.restEnabled]?.isEqualForMilvus(to: false) ?? false
    let place = settings.place(of: .restPort)
    switch port {
    case .unchanged: return
    case .off: return switchRESTOff(&draft)
    case .byDefault:
      if isOff { return }
      if !settings.isOverridden(.restPort) {
        draft.suggest(.integer(written[serviceRESTPort]?.goInt ?? freeRESTPort), at: place)
      }
    case .specified(let port):
      if isOff {
        guard let setting = settings.effective(.restEnabled).first else { return }
        return draft.refuse(setting, "true for spec.external.restPort \(port)")
      }
      require(&draft, .integer(port), .restPort, for: "spec.external.restPort")
    }
    // Milvus takes "8080" as well; the Service's field is a number.
    let setting =
      settings.effective(.restPort).first
      ?? MilvusSettings.Setting(field: place.fieldPath, value: draft.next[place] ?? .null)
    let grpc = MilvusPort.external.number(in: settings)
    guard let effective = setting.value.goInt, (1...65535).contains(effective), effective != grpc else {
      return draft.refuse(setting, "a port from 1 to 65535 other than \(grpc), the gRPC port")
    }
    guard !takenPorts.contains(effective) else {
      return draft.refuse(setting, "a port that no other server of the pods uses")
    }
    draft.suggest(.integer(effective), at: serviceRESTPort)
  }

  /// Milvus serves REST by default, and cannot do so on gRPC's port once TLS is on: newer releases panic. A port that
  /// the author wrote says that REST is wanted.
  private func switchRESTOff(_ draft: inout Draft) {
    let isOn = settings[.restEnabled]?.goBool
    if isOn != false, let port = settings.effective(.restPort).first, port.value.goInt != nil {
      return draft.refuse(port, "unset for spec.external.restPort 0, which switches REST off")
    }
    require(&draft, false, .restEnabled, for: "spec.external.restPort 0, which switches REST off")
  }

  /// The usual port for REST, or the first after it that nothing else uses.
  private var freeRESTPort: Int {
    let taken = takenPorts
    return (MilvusPort.standardREST...).first { !taken.contains($0) } ?? MilvusPort.standardREST
  }

  /// The ports that REST cannot have: of the other servers of Milvus, of sidecars, which milvus-operator publishes in
  /// the Service as well, and of the Service itself.
  private var takenPorts: Set<Int> {
    let component = written[Self.components.appending(serving.rawValue)]
    let sidecars = ["sidecars", "initContainers"].flatMap { component?[$0]?.array ?? [] }
    let containers = sidecars.flatMap { $0["ports"]?.array ?? [] }.compactMap { $0["containerPort"]?.integer }
    let own = ([.external] + MilvusPort.others).map { $0.number(in: settings) }
    let service = component?["port"]?.integer.map { [$0] } ?? []
    return Set(own + containers + service + [settings.metricsPort(of: serving)])
  }
}
