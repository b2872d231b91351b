extension Stage {
  /// Reads the Secrets that decide who issues the certificates.
  static func lookUpServerSecret(_ context: inout ReleaseContext) -> Outcome {
    if let files = context.mountedFiles { return lookUpProvidedFiles(files, &context) }
    let names = [context.names.server] + (context.spec.authority.secretName.map { [$0] } ?? [])
    let unread = context.observation.unread(names)
    guard unread.isEmpty else { return .act([.lookUp(unread)]) }
    context.server = context.observation.secret(context.names.server)
    context.intent = context.intent(context.names, context.layout(of: context.server))
    if context.spec.certificate.issuer != nil {
      context.source = .certManager
    } else if context.spec.certificate.source == .provided {
      context.source = .secret
      context.status.status.checkedSecret = context.names.server
      return context.providedSecretProblem.map(Outcome.stop) ?? .goOn
    } else if let server = context.server, !server.isManaged, context.spec.certificate.source != .operator {
      context.source = .secret
    }
    return .goOn
  }

  /// Judges a Secret that the operator does not manage.
  static func auditProvidedSecret(_ context: inout ReleaseContext) -> Outcome {
    if let provided = context.provided {
      audit(provided, &context)
    } else if context.source == .secret, let server = context.server {
      audit(server, &context)
    }
    return .goOn
  }

  /// Audits the Secret that serves, or will.
  static func audit(_ server: ObservedSecret, _ context: inout ReleaseContext) {
    context.status.status.checkedSecret = server.name
    let audit = SecretAudit(
      of: AuditedFiles(of: server, context.intent.layout),
      for: context.intent,
      isRenewed: context.source == .certManager,
      now: context.now
    )
    context.audit = audit
    context.wakeUps += audit.changes
    if !audit.warnings.isEmpty {
      let message = "Secret \(server.name): " + audit.warnings.joined(separator: "; ")
      context.status.note(NoteReason.findings, message)
    }
    // Another certificate may be in use.
    let inUse = context.status.status.certificate
    guard let contents = server.providedContents(context.intent.layout), inUse?.secretName ?? server.name == server.name
    else { return }
    context.status.status.certificate = MilvusTLSStatus.Certificate(
      contents.certificate,
      in: server.name,
      source: context.source,
      digest: inUse?.digest
    )
  }

  /// Reads the Secrets of all certificates that the operator issues.
  static func lookUpCertificates(_ context: inout ReleaseContext) throws -> Outcome {
    guard let certificates = context.certificates else { return .goOn }
    let unread = context.observation.unread(certificates.secretNames)
    guard unread.isEmpty else { return .act([.lookUp(unread)]) }
    return certificates.notReady.map(Outcome.stop) ?? .goOn
  }
}

extension ReleaseContext {
  /// Why a Secret that has to be provided (`certificate.source: Provided`) cannot be used; nil where it can.
  fileprivate var providedSecretProblem: NotReady? {
    let name = names.server
    guard let server else {
      return NotReady(
        .secretMissing,
        "Secret \(name) does not exist yet; waiting for it (certificate.source is Provided)"
      )
    }
    guard server.isManaged else { return nil }
    return NotReady(
      .secretInUse,
      "Secret \(name) is managed by milvus-tls-operator, and certificate.source is Provided. "
        + "Set certificate.secretName to the Secret that you provide"
    )
  }
}
