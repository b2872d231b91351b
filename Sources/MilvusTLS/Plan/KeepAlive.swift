import Foundation

/// Keeps alive what serves where a stage stops: the Secret that the pods mount is renewed, and the pods are rolled for
/// it.
struct KeepAlive {
  /// What to do now; empty where everything serves for now.
  private(set) var actions: [TLSPlan.Action] = []

  init(_ context: inout ReleaseContext, beside obstacle: NotReady) {
    if let provided = context.provided {
      keep(provided, &context)
    } else if let serving = context.servingSecret {
      if !serving.isManaged {
        keepProvided(serving, &context)
      } else if serving.milvus == context.milvus.name,
        let certificates = context.servingCertificates(serving, beside: obstacle)
      {
        keepManaged(certificates, &context)
      }
    }
    context.keepOpenNotes()
  }

  private mutating func keepManaged(_ certificates: CertificateSet, _ context: inout ReleaseContext) {
    context.certificates = certificates
    actions = context.permitted(certificates.renewals, in: certificates).map { .writeCertificate($0) }
    guard actions.isEmpty else { return }
    if let contents = certificates.server.contents,
      let restart = context.restart(contents, trustedSince: certificates.server.secret?.trustedSince)
    {
      actions = [restart]
    }
    if let installed = InstalledCertificates(certificates) { record(installed, &context) }
    if let due = certificates.nextDue { context.wakeUps.append(due) }
    if let rotation = certificates.rotation, let phase = rotation.phase, let progress = rotation.progress {
      context.status.note(phase, progress)
      let wait = RotationGate.Wait(reason: .notReady, message: "for the MilvusTLS to be Ready")
      context.status.notePending(wait, for: "CA rotation")
    }
  }

  /// The status follows what was renewed; what the pods carry of it is judged when the MilvusTLS is Ready again.
  private func record(_ installed: InstalledCertificates, _ context: inout ReleaseContext) {
    let digest = context.status.status.certificate?.digest
    context.status.status.certificate = MilvusTLSStatus.Certificate(installed, digest: digest)
    context.status.status.authority = installed.authority
    for client in installed.clients {
      guard let index = context.status.status.clients.firstIndex(where: { $0.secretName == client.secretName }) else {
        continue
      }
      context.status.status.clients[index].notAfter = client.certificate.notAfter.kubernetesTime
    }
  }

  /// So are new contents of several.
  private mutating func keep(_ provided: ProvidedFiles, _ context: inout ReleaseContext) {
    guard context.audit?.faults.isEmpty ?? false, let installed = InstalledCertificates(provided, context.intent),
      let restart = context.restart(installed.server, trustedSince: nil)
    else { return }
    actions = [restart]
  }

  /// New contents of a provided Secret are loaded, unless Milvus could not start with them.
  private mutating func keepProvided(_ serving: ObservedSecret, _ context: inout ReleaseContext) {
    let layout = context.layout(of: serving)
    if context.audit == nil, serving.name == context.names.server { Stage.audit(serving, &context) }
    let names = SecretNames(authority: context.names.authority, server: serving.name, clients: [:])
    let audit = SecretAudit(
      of: AuditedFiles(of: serving, layout),
      for: context.intent(names, layout),
      isRenewed: true,
      now: context.now
    )
    guard audit.faults.isEmpty, let contents = serving.providedContents(layout),
      let restart = context.restart(contents, trustedSince: nil)
    else { return }
    actions = [restart]
  }
}

extension ReleaseContext {
  /// The name of the Secret that the pods mount: through the volume that the operator added, or the author's own; or
  /// else of the one that the status says is in use.
  var servingSecretName: String? {
    let recorded = milvusTLS.status.certificate.flatMap { $0.source == .pods ? nil : $0.secretName }
    return configuration.mountedSecret ?? configuration.writtenSecret(spec.mount)?.name ?? recorded
  }

  /// The Secret that the pods mount; nil where there is none.
  var servingSecret: ObservedSecret? { servingSecretName.flatMap(observation.secret) }

  /// The certificates that serve, with what is specified for them; where that cannot be read, or names another CA that
  /// cannot be used, like those that are there.
  fileprivate func servingCertificates(_ serving: ObservedSecret, beside obstacle: NotReady) -> CertificateSet? {
    let isAbandoned = milvusTLS.isStandIn
    let clients = serving.name == names.server && !isAbandoned ? names.clients : standingClients
    func inUse(_ authority: String) -> SecretNames {
      SecretNames(authority: authority, server: serving.name, clients: clients)
    }
    let candidates =
      isAbandoned ? [standingAuthority(of: serving)] : [self.names.authority, milvusTLS.status.authority?.secretName]
    for authority in candidates.compactMap(\.self).unique {
      let names = inUse(authority)
      let like = CertificateSet(like: names, spec: spec, milvus: milvus, observation: observation)
      let specified = try? CertificateSet(intent: intent(names, .own), milvus: milvus, observation: observation)
      let set = obstacle.reason == .invalidSpec ? like : specified ?? like
      if let set, set.rotation != nil { return set }
    }
    return nil
  }

  /// The Secret of the CA that the operator wrote for this Milvus, and that what serves is trusted by; nil where
  /// somebody provides the CA.
  private func standingAuthority(of serving: ObservedSecret) -> String? {
    let trusted = serving.certificateContents?.authorities ?? []
    return observation.secrets.values.filter { secret in
      secret.role == .authority && secret.milvus == milvus.name
        && secret.certificateContents.map { trusted.contains($0.certificate) } ?? false
    }.map(\.name).min()
  }

  /// The Secrets of clients that the operator wrote for this Milvus; without a MilvusTLS, a Secret's name is the
  /// client's.
  private var standingClients: [String: String] {
    guard !milvusTLS.isStandIn else {
      let secrets = observation.secrets.values.filter { $0.role == .client && $0.milvus == milvus.name }
      return Dictionary(uniqueKeysWithValues: secrets.map { ($0.name, $0.name) })
    }
    return milvusTLS.status.clients.reduce(into: [:]) { names, client in
      guard let secret = observation.secrets[client.secretName], secret.role == .client,
        secret.milvus == milvus.name
      else { return }
      names[client.name] = client.secretName
    }
  }

  /// Keeps the notes that the stages did not reach as they are stored.
  fileprivate mutating func keepOpenNotes() {
    for type in [ConditionType.plaintextExposed, .restartPending, .authorityExpiring, .versionAssumed] {
      status.keepNote(type)
    }
    if certificates?.rotation == nil { status.keepNote(.authorityRotating) }
    if audit == nil { status.keepNote(.secretFindings) }
  }
}
