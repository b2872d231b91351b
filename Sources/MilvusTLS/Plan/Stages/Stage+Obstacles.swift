extension Stage {
  /// Stops where the specified TLS cannot be given.
  static func findObstacles(_ context: inout ReleaseContext) throws -> Outcome {
    if let obstacle = context.requestProblem ?? unsupportedVersion(&context)
      ?? NotReady(context.configuration.conflicts(with: context.requirements))
    {
      return .stop(obstacle)
    }
    switch context.source {
    case .operator:
      if let obstacle = missingSecret(context) ?? missingAuthority(context) { return .stop(obstacle) }
      context.certificates = try CertificateSet(
        intent: context.intent,
        milvus: context.milvus,
        observation: context.observation
      )
      return .goOn
    // Where the operator cannot see the files, a stage before has stopped.
    case .secret, .pods:
      guard let audit = context.audit, !audit.faults.isEmpty else { return .goOn }
      if context.provided != nil {
        return .stop(
          NotReady(.secretInvalid, "The provided files cannot be used: " + audit.faults.joined(separator: "; "))
        )
      }
      return context.server.map { .stop(invalid($0, audit)) } ?? .goOn
    case .certManager: return try findCertManagerObstacles(&context)
    }
  }

  static func invalid(_ server: ObservedSecret, _ audit: SecretAudit) -> NotReady {
    NotReady(
      .secretInvalid,
      "Secret \(server.name) is not managed by milvus-tls-operator and cannot be used: "
        + audit.faults.joined(separator: "; ")
    )
  }

  /// Why the Milvus is too old, and the note for one that may be.
  private static func unsupportedVersion(_ context: inout ReleaseContext) -> NotReady? {
    guard context.intent.isInternalEnabled else { return nil }
    let versions = context.configuration.versions
    if let old = versions.first(where: { $0.hasInternalTLS == false }) {
      let message = "\(old.field) is \(old.text.quoted); internal TLS needs Milvus 2.5.0 or later"
      return NotReady(.unsupportedVersion, message)
    }
    if let unknown = versions.first(where: { $0.hasInternalTLS == nil }) {
      let message = "\(unknown.field) is \(unknown.text.quoted), which is not a version; assuming Milvus 2.5.0 or later"
      context.status.note(NoteReason.noVersion, message)
    }
    return nil
  }

  /// A provided Secret that was in use is its owner's to write again: they may be about to.
  private static func missingSecret(_ context: ReleaseContext) -> NotReady? {
    let name = context.names.server
    guard context.server == nil, let before = context.milvusTLS.status.certificate, before.secretName == name,
      before.digest != nil, context.milvusTLS.unmanagedSecretNames.contains(name)
    else { return nil }
    return NotReady(
      .secretMissing,
      "Secret \(name) is gone and was not managed by milvus-tls-operator. Create it again, or set certificate.secretName to another name"
    )
  }

  /// A named CA is its owner's: nobody would trust one of the operator's own in its place.
  private static func missingAuthority(_ context: ReleaseContext) -> NotReady? {
    guard let name = context.spec.authority.secretName, context.observation.secret(name) == nil else { return nil }
    return NotReady(
      .secretMissing,
      "Secret \(name) with the CA does not exist; waiting for it (spec.authority.secretName). The operator never creates it"
    )
  }
}
