/// Files that several Secrets and ConfigMaps provide, mounted by the author: used as they are.
extension Stage {
  /// Reads everything that provides the files.
  static func lookUpProvidedFiles(_ files: [MilvusConfiguration.MountedFile], _ context: inout ReleaseContext)
    -> Outcome
  {
    let observation = context.observation
    let objects = files.flatMap(\.entries).map(\.object).unique
    func names(_ kind: FileEntry.Kind) -> [String] { objects.filter { $0.kind == kind }.map(\.name) }
    let secrets = observation.unread(names(.secret))
    let configMaps = names(.configMap).filter { observation.configMaps[$0] == nil }
    let lookUps: [TLSPlan.Action] =
      (secrets.isEmpty ? [] : [.lookUp(secrets)]) + (configMaps.isEmpty ? [] : [.lookUpConfigMaps(configMaps)])
    guard lookUps.isEmpty else { return .act(lookUps) }
    context.status.status.provided = objects
    context.source = .secret
    context.server = observation.secret(context.names.server)
    let provided = ProvidedFiles(files) { object in
      switch object.kind {
      case .secret: observation.secret(object.name)?.files
      case .configMap: observation.configMaps[object.name].flatMap { $0 }?.files
      }
    }
    context.provided = provided
    guard let missing = provided.missing.first else { return .goOn }
    return .stop(
      NotReady(.secretMissing, "\(missing), which the Milvus mounts, does not exist yet; waiting for it")
    )
  }

  /// Audits each file where it is.
  static func audit(_ provided: ProvidedFiles, _ context: inout ReleaseContext) {
    let sections = context.intent.sections.map(\.name)
    let isShared = sections.count == 2 && provided.entries(in: "tls") == provided.entries(in: "internaltls")
    var audit: SecretAudit?
    for section in isShared ? ["tls"] : sections {
      let next = SecretAudit(
        of: provided.files(in: section),
        for: isShared ? context.intent : context.intent.restricted(to: section),
        isRenewed: false,
        now: context.now
      )
      audit = audit?.merging(next) ?? next
    }
    guard let audit else { return }
    context.audit = audit
    context.wakeUps += audit.changes
    if !audit.warnings.isEmpty {
      context.status.note(NoteReason.findings, audit.warnings.joined(separator: "; "))
    }
    guard let section = sections.first, let contents = provided.contents(in: section),
      let object = provided.files(in: section).files[.certificate]?.entry.object
    else { return }
    context.status.status.certificate = MilvusTLSStatus.Certificate(
      contents.certificate,
      in: object.name,
      source: .secret,
      digest: context.status.status.certificate?.digest
    )
  }
}
