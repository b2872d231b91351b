import PKI

/// Certificates that cert-manager issues.
extension Stage {
  /// Stops where cert-manager cannot fill the Secrets.
  static func findCertManagerObstacles(_ context: inout ReleaseContext) throws -> Outcome {
    guard case .installed(let certificates) = context.observation.certManager else {
      return .stop(notInstalled(context.observation.certManager))
    }
    let names = try desired(context).map(\.secretName)
    let unread = context.observation.unread(names)
    guard unread.isEmpty else { return .act([.lookUp(unread)]) }
    return names.compactMap { [context] in occupied($0, certificates, context) }.first.map(Outcome.stop) ?? .goOn
  }

  /// Applies Certificates, and waits until cert-manager has issued them.
  static func writeCertManagerCertificates(_ context: inout ReleaseContext) throws -> Outcome {
    guard let issuer = context.spec.certificate.issuer,
      case .installed(let certificates) = context.observation.certManager
    else { return .done }
    let desired = try desired(context)
    let actions = desired.compactMap { certificate -> TLSPlan.Action? in
      let standing = certificates[certificate.secretName]
      let wanted = certificate.certManagerCertificate(context.spec.certificate, issuer: issuer, owner: context.milvus)
      let isApplied = standing.map { $0.spec.merging(wanted["spec"] ?? [:]) == $0.spec } ?? false
      return isApplied ? nil : .applyCertificate(wanted, replacing: standing)
    }
    guard actions.isEmpty else { return .act(actions) }
    func issued(_ name: String) -> ObservedSecret.CertificateContents? {
      context.observation.secret(name)?.providedContents(ObservedSecret.kubernetesTLSLayout)
    }
    if let open = desired.first(where: { issued($0.secretName) == nil }) {
      context.status.status.checkedSecret = context.names.server
      let progress = certificates[open.secretName]?.progress.map { ": \($0)" } ?? " (it has no condition Ready yet)"
      return .stop(
        NotReady(.waitingForCertManager, "Waiting for cert-manager to issue Certificate \(open.secretName)\(progress)")
      )
    }
    guard let server = context.server, let contents = server.providedContents(context.intent.layout) else {
      return .done
    }
    audit(server, &context)
    if let audit = context.audit, !audit.faults.isEmpty { return .stop(invalid(server, audit)) }
    context.installed = InstalledCertificates(
      source: .certManager,
      secretName: server.name,
      server: contents,
      clients: desired.compactMap { certificate in
        guard let client = certificate.client, let contents = issued(certificate.secretName) else { return nil }
        return InstalledCertificates.Client(
          name: client,
          secretName: certificate.secretName,
          certificate: contents.certificate
        )
      }
    )
    return .goOn
  }

  private static func desired(_ context: ReleaseContext) throws -> [DesiredCertificate] {
    try [DesiredCertificate(serverFor: context.intent)]
      + context.intent.secrets.clients.sorted { $0.key < $1.key }.map {
        try DesiredCertificate(client: $0.key, secretName: $0.value, for: context.intent)
      }
  }

  private static func notInstalled(_ state: CertManagerState) -> NotReady {
    guard state == .notInstalled else {
      return NotReady(
        .certManagerUnreachable,
        "Cannot tell whether cert-manager is installed: its definition or its Certificates could not be listed yet"
      )
    }
    return NotReady(
      .certManagerNotInstalled,
      "spec.certificate.issuerRef needs cert-manager, but this cluster has no certificates.cert-manager.io"
    )
  }

  /// Why cert-manager may not fill a Secret of a name; nil where it may.
  private static func occupied(
    _ name: String,
    _ certificates: [String: CertManagerCertificate],
    _ context: ReleaseContext
  ) -> NotReady? {
    if let certificate = certificates[name] {
      guard certificate.milvus != context.milvus.name else { return nil }
      return NotReady(.secretInUse, "Certificate \(name) belongs to Milvus \(certificate.milvus)")
    }
    guard let secret = context.observation.secret(name), secret.certManagerCertificate != name else { return nil }
    let what =
      secret.isManaged ? "holds a certificate of the operator's own CA" : "is not managed by milvus-tls-operator"
    return NotReady(
      .secretInUse,
      "Secret \(name) \(what). Set another name for cert-manager to fill (certificate.secretName, clients[].secretName)"
    )
  }
}
