import JSON
import PKI

// MARK: Certificates of others

extension ReleasePlanner {
  mutating func planForeign(
    _ server: ObservedSecret,
    _ source: InstalledCertificates.Source,
    _ intent: TLSIntent,
    clients: [(name: String, secretName: String, certificate: Certificate)],
    _ obstacle: Obstacle?
  ) throws -> TLSPlan {
    draft.looksAt(server.name)
    let audit = SecretAudit(of: server, for: intent, isRenewed: source == .certManager, now: observation.now)
    let wakeUp = audit.changes.min()
    if !audit.warnings.isEmpty {
      draft.note("SecretFindings", "Findings", "Secret \(server.name): " + audit.warnings.joined(separator: "; "))
    }
    let contents = server.foreignContents(intent.keys)
    if let contents { draft.found(contents.certificate, in: server.name, source: source) }
    guard audit.faults.isEmpty, let contents else {
      let message =
        "Secret \(server.name), which this operator never writes to: " + audit.faults.joined(separator: "; ")
      return try planObstructed(
        intent,
        obstacle ?? Obstacle(reason: "SecretInvalid", message: message),
        wakeUp: wakeUp
      )
    }
    if let obstacle {
      return try planObstructed(intent, obstacle, new: (server.name, contents), wakeUp: wakeUp)
    }
    let installed = InstalledCertificates(
      source: source,
      secretName: server.name,
      server: contents,
      clients: clients
    )
    return try planConfigured(installed, intent, wakeUp: wakeUp)
  }

  mutating func planCertManager(
    _ issuer: MilvusTLSSpec.IssuerReference,
    _ intent: TLSIntent,
    _ server: ObservedSecret?,
    _ obstacle: Obstacle?
  ) throws -> TLSPlan {
    guard case .installed(let certificates) = observation.certManager else {
      return try planObstructed(intent, obstacle ?? Obstacle(certManager: observation.certManager))
    }
    let requests =
      try [CertificateRequest(serverFor: intent)]
      + intent.secrets.clients.sorted { $0.key < $1.key }.map {
        try CertificateRequest(client: $0.key, secretName: $0.value, for: intent)
      }
    let unread = observation.unread(requests.map(\.secretName))
    guard unread.isEmpty else { return TLSPlan(actions: [.lookUp(unread)]) }
    if let obstacle = obstacle ?? occupant(of: requests.map(\.secretName), certificates) {
      guard let server, !server.isManaged, certificates[server.name]?.milvus == milvus.name else {
        return try planObstructed(intent, obstacle)
      }
      return try planForeign(server, .certManager, intent, clients: [], obstacle)
    }
    let actions = requests.compactMap {
      $0.apply(spec.certificate, issuer, milvus, standing: certificates[$0.secretName])
    }
    guard actions.isEmpty else { return TLSPlan(actions: actions) }
    let contents = { [observation] (name: String) in
      observation.secret(name)?.foreignContents(ObservedSecret.tlsKeys)
    }
    if let open = requests.first(where: { contents($0.secretName) == nil }) {
      draft.looksAt(intent.secrets.server)
      let progress = certificates[open.secretName]?.progress ?? "it says nothing yet"
      let message = "cert-manager has not issued Certificate \(open.secretName): \(progress)"
      return try planObstructed(intent, Obstacle(reason: "WaitingForCertManager", message: message))
    }
    guard let server else { return TLSPlan(draft) }
    let clients = requests.compactMap { request in
      request.client.flatMap { client in
        contents(request.secretName).map {
          (name: client, secretName: request.secretName, certificate: $0.certificate)
        }
      }
    }
    return try planForeign(server, .certManager, intent, clients: clients, nil)
  }

  private func occupant(of names: [String], _ certificates: [String: ObservedCertificate]) -> Obstacle? {
    names.lazy.compactMap { occupant(of: $0, certificates) }.first
  }

  /// Why cert-manager may not fill a Secret of a name; nil where it may.
  private func occupant(of name: String, _ certificates: [String: ObservedCertificate]) -> Obstacle? {
    if let certificate = certificates[name] {
      guard certificate.milvus != milvus.name else { return nil }
      return Obstacle(reason: "SecretInUse", message: "Certificate \(name) belongs to Milvus \(certificate.milvus)")
    }
    guard let secret = observation.secret(name), secret.certManagerCertificate != name else { return nil }
    let what = secret.isManaged ? "holds certificates of this operator's own authority" : "is somebody else's"
    return Obstacle(
      reason: "SecretInUse",
      message:
        "Secret \(name) \(what); name another one in the MilvusTLS (certificate.secretName, clients) for cert-manager to fill"
    )
  }
}

extension Obstacle {
  fileprivate init(certManager state: CertManagerState) {
    if state == .notInstalled {
      let message =
        "spec.certificate.issuerRef needs cert-manager, and this cluster has no certificates.cert-manager.io"
      self.init(reason: "CertManagerNotInstalled", message: message)
    } else {
      let message =
        "whether cert-manager is there cannot be told: its definition and Certificates could not be listed yet"
      self.init(reason: "CertManagerUnreachable", message: message)
    }
  }
}

extension CertificateRequest {
  /// The write that has cert-manager issue this; nil where it has been told.
  fileprivate func apply(
    _ spec: MilvusTLSSpec.CertificateSpec,
    _ issuer: MilvusTLSSpec.IssuerReference,
    _ owner: ObservedMilvus,
    standing: ObservedCertificate?
  ) -> TLSPlan.Action? {
    let wanted = certManagerCertificate(spec, issuer: issuer, owner: owner)
    let isTold = standing.map { $0.spec.merging(wanted["spec"] ?? [:]) == $0.spec } ?? false
    return isTold ? nil : .applyCertificate(wanted, replacing: standing)
  }
}
