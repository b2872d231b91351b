import Foundation

extension Stage {
  /// Gives Secrets back the owner or the label that they have lost.
  static func adoptSecrets(_ context: inout ReleaseContext) -> Outcome {
    let orphans = context.certificates?.orphans ?? []
    return orphans.isEmpty ? .goOn : .act(orphans.map { .adopt($0) })
  }

  /// Lets go of Secrets into which somebody else wrote data: they are theirs from then on.
  static func releaseSecrets(_ context: inout ReleaseContext) -> Outcome {
    let milvus = context.milvus
    let secrets = context.observation.secrets.values.filter { $0.release(by: milvus) != nil }
    return secrets.isEmpty ? .goOn : .act(secrets.sorted { $0.name < $1.name }.map { .release($0) })
  }

  /// Writes the certificates that are due, or has cert-manager issue them.
  static func writeCertificates(_ context: inout ReleaseContext) throws -> Outcome {
    switch context.source {
    case .certManager: return try writeCertManagerCertificates(&context)
    // Where the operator cannot see the files, a stage before has stopped.
    case .secret, .pods:
      if let provided = context.provided {
        context.installed = InstalledCertificates(provided, context.intent)
        return context.installed == nil ? .done : .goOn
      }
      guard let server = context.server, let contents = server.providedContents(context.intent.layout) else {
        return .done
      }
      context.installed = InstalledCertificates(source: .secret, secretName: server.name, server: contents)
      return .goOn
    case .operator:
      guard let certificates = context.certificates else { return .done }
      let writes = context.permitted(certificates.needed, in: certificates)
      guard writes.isEmpty, let installed = InstalledCertificates(certificates) else {
        return .act(writes.map { .writeCertificate($0) })
      }
      context.installed = installed
      if let due = certificates.nextDue { context.wakeUps.append(due) }
      noteEndOfAuthority(certificates, &context)
      return .goOn
    }
  }

  /// Notes a provided CA in the last third of its lifetime.
  private static func noteEndOfAuthority(_ certificates: CertificateSet, _ context: inout ReleaseContext) {
    guard !certificates.keepsAuthority, let issuer = certificates.rotation?.issuer,
      RenewalSchedule.renewalTime(of: issuer.certificate, renewBefore: nil) <= context.now
    else { return }
    let name = certificates.authority.desired.secretName
    let message =
      "CA in Secret \(name) expires at \(issuer.notAfter.kubernetesTime) and is not managed by milvus-tls-operator. "
      + "Put a new CA into the Secret; it is rolled out without downtime"
    context.status.note(NoteReason.lastThird, message)
  }

  /// Keeps the Secrets of clients that the spec no longer lists for one overlap, for those who mount them to move, and
  /// deletes them then. One that a client has under another name now stays.
  static func releaseClients(_ context: inout ReleaseContext) -> Outcome {
    guard let installed = context.installed else { return .goOn }
    guard installed.source != .secret else {
      context.status.status.clients = []
      return .goOn
    }
    let overlap = context.spec.authority.overlap.wholeSeconds
    var (kept, over): ([MilvusTLSStatus.Client], [TLSPlan.Action]) = ([], [])
    for client in context.unlistedClients(installed) {
      guard let deletion = context.deletion(of: client, installed) else { continue }
      let since = client.unlistedSince.flatMap(Date.init(kubernetesTime:)) ?? context.now.inWholeSeconds
      let end = since + overlap
      guard context.now < end else {
        over.append(deletion)
        continue
      }
      var client = client
      client.unlistedSince = since.kubernetesTime
      kept.append(client)
      context.wakeUps.append(end)
    }
    context.status.status.clients =
      installed.clients.map {
        MilvusTLSStatus.Client(
          name: $0.name,
          secretName: $0.secretName,
          notAfter: $0.certificate.notAfter.kubernetesTime
        )
      } + kept
    return over.isEmpty ? .goOn : .act(over)
  }
}

extension ReleaseContext {
  /// The clients of the status that the spec does not list, and whose Secret no other client has.
  fileprivate func unlistedClients(_ installed: InstalledCertificates) -> [MilvusTLSStatus.Client] {
    let names = Set(intent.secrets.clients.keys)
    let secrets = Set(intent.secrets.clients.values).union([intent.secrets.server, intent.secrets.authority])
    return milvusTLS.status.clients.filter { !names.contains($0.name) && !secrets.contains($0.secretName) }
      .sorted { $0.secretName < $1.secretName }
  }

  /// What deletes a client's certificate; nil where there is nothing of this Milvus to delete.
  fileprivate func deletion(
    of client: MilvusTLSStatus.Client,
    _ installed: InstalledCertificates
  ) -> TLSPlan.Action? {
    if let secret = observation.secrets[client.secretName], secret.role == .client, secret.milvus == milvus.name,
      secret.ownerUID == milvus.uid
    {
      return .delete(secret)
    }
    guard case .installed(let certificates) = observation.certManager,
      let certificate = certificates[client.secretName], certificate.milvus == milvus.name
    else { return nil }
    return .deleteCertificate(certificate)
  }
}
