import Foundation
import PKI

/// What the stages of a plan share: the observation, what earlier stages found, and the status in the making.
struct ReleaseContext {
  let observation: Observation
  let milvus: ObservedMilvus
  let milvusTLS: ObservedMilvusTLS
  let configuration: MilvusConfiguration
  let spec: MilvusTLSSpec
  /// What is wrong with the request; nil where it can be acted on. `spec` holds what could be read.
  let requestProblem: NotReady?
  let names: SecretNames
  var status: StatusDraft

  /// The Secret with the server certificate; nil where there is none.
  var server: ObservedSecret?
  /// What has to be; set once the server's Secret is known.
  var intent: TLSIntent
  /// Who issues the certificates.
  var source = MilvusTLSStatus.Source.operator
  /// The certificates of the operator's own or a provided CA; nil where somebody else issues.
  var certificates: CertificateSet?
  /// The author's files where several Secrets and ConfigMaps provide them; nil where they do not.
  let mountedFiles: [MilvusConfiguration.MountedFile]?
  /// The same, once everything was read.
  var provided: ProvidedFiles?
  /// The audit of what the operator does not manage.
  var audit: SecretAudit?
  /// What the Milvus is configured with.
  var installed: InstalledCertificates?
  /// What the pods carry that run with it.
  var digest = ""
  var verification: Verification?
  /// The same where the operator cannot see the files; nil where it can.
  var served: Verification?
  /// Whether the pods' restart waits for the nodes.
  var isRestartHeld = false
  /// Whether the Secret holds what the operator rolls no pods for (`spec.rotation.restart` is false).
  var isRestartOff = false
  /// Times at which something that is waited for is over.
  var wakeUps: [Date] = []

  init(
    observation: Observation,
    milvus: ObservedMilvus,
    milvusTLS: ObservedMilvusTLS,
    spec: MilvusTLSSpec,
    configuration: MilvusConfiguration,
    requestProblem: NotReady?,
    status: StatusDraft
  ) {
    self.observation = observation
    self.milvus = milvus
    self.milvusTLS = milvusTLS
    self.spec = spec
    self.configuration = configuration
    self.requestProblem = requestProblem
    self.status = status
    names = SecretNames(
      spec: spec,
      milvus: milvus.name,
      // What the author mounts is taken as named.
      mounted: configuration.writtenSecret(spec.mount)?.name,
      owner: observation.owner,
      isUnrelated: { observation.secret($0)?.isUnrelated(to: milvus) ?? false }
    )
    intent = TLSIntent(
      spec: spec,
      milvus: milvus,
      authored: configuration.authored,
      secrets: names,
      layout: .own
    )
    let isProvidable = spec.certificate.issuer == nil && spec.certificate.source != .operator
    let files = isProvidable ? configuration.mountedFiles(for: intent) : nil
    mountedFiles = files.flatMap { files in
      let secrets = files.flatMap(\.entries).compactMap(\.secretName)
      // What the operator issued it keeps renewing, whatever is mounted beside it.
      let isForeign = !secrets.contains { observation.secrets[$0]?.isManaged ?? false }
      return isForeign && spec.certificate.secretName.map(secrets.contains) ?? true ? files : nil
    }
    if mountedFiles == nil { self.status.status.provided = [] }
    // It was no Secret's, and is looked at anew.
    if milvusTLS.status.certificate?.source == .pods { self.status.status.certificate = nil }
  }

  var now: Date { observation.now }

  var gate: RotationGate {
    RotationGate(milvus: milvus, digest: configuration.digestInPods, spec: spec, observation: observation)
  }

  func intent(_ names: SecretNames, _ layout: SecretLayout) -> TLSIntent {
    TLSIntent(spec: spec, milvus: milvus, authored: configuration.authored, secrets: names, layout: layout)
  }

  /// The entries of the server's Secret that hold the files: where the author's mounts say, else where they usually
  /// are.
  func layout(of server: ObservedSecret?) -> SecretLayout {
    let isIssued = spec.certificate.issuer != nil
    guard let server else { return isIssued ? ObservedSecret.kubernetesTLSLayout : .own }
    guard !server.isManaged else { return .own }
    // An issuer need not give a CA.
    if isIssued {
      return ObservedSecret.kubernetesTLSLayout.filter { $0.key != .authority || server.files[$0.value] != nil }
    }
    let written = configuration.writtenSecret(spec.mount)
    return server.detectedLayout.merging(written?.name == server.name ? written?.layout ?? [:] : [:]) { $1 }
  }

  /// What the resource has to say for the intent.
  var requirements: TLSRequirements {
    guard let provided else {
      return TLSRequirements(intent, files: configuration.fileMounts(for: intent), isProvidedInPlace: false)
    }
    return TLSRequirements(intent, files: provided.mounts, isProvidedInPlace: true)
  }

  /// Whether somebody asks the operator for TLS: a person wrote a MilvusTLS or annotations, or did before, so that the
  /// operator's volume is there. Otherwise the author of the Milvus configured TLS alone, and may provide everything
  /// for it.
  var isAskedFor: Bool {
    let authored = configuration.authored
    let isAuthored = authored.external ?? .disabled != .disabled || authored.internal ?? false
    return !milvusTLS.isManaged || Annotations.requests.contains { milvus.annotations[$0] != nil } || !isAuthored
      || configuration.mountedSecret != nil
  }

  /// Notes what waits, and when to look again for it.
  mutating func wait(_ wait: RotationGate.Wait, for what: String) {
    status.notePending(wait, for: what)
    if let until = wait.until { wakeUps.append(until) }
  }

  /// Those of the writes that may be made now; what the others wait for is noted.
  mutating func permitted(
    _ writes: [TLSPlan.CertificateWrite],
    in certificates: CertificateSet
  ) -> [TLSPlan.CertificateWrite] {
    guard let present = certificates.server.contents?.certificate else { return writes }
    return writes.filter { write in
      guard write.desired.role == .server, let wait = gate.wait(before: present, write.violation.timing) else {
        return true
      }
      self.wait(wait, for: write.subject)
      return false
    }
  }

  /// The restart that has the pods load new certificates from the Secret that they mount already; nil where none is
  /// due, or where it has to wait.
  mutating func restart(_ contents: ObservedSecret.CertificateContents, trustedSince: Date?) -> TLSPlan.Action? {
    guard spec.restartsPods, case .patch(let patch, _) = configuration.restart(certificates: contents.digest),
      !holdsRestart(contents, trustedSince: trustedSince)
    else { return nil }
    return .patchMilvus(patch, .restart)
  }

  /// Whether a restart whose only purpose is a new `ca.pem` waits for the nodes.
  mutating func holdsRestart(_ contents: ObservedSecret.CertificateContents, trustedSince: Date?) -> Bool {
    // The status names the certificate that the pods run with.
    guard milvusTLS.status.certificate?.serialNumber == contents.certificate.serialNumber,
      configuration.certificatesInPods ?? contents.digest != contents.digest,
      let wait = gate.waitForNodes(trustedSince: trustedSince)
    else { return false }
    self.wait(wait, for: "Restart for the new CA bundle")
    isRestartHeld = true
    return true
  }
}

extension TLSPlan.CertificateWrite {
  /// What it does, as the subject of "is waiting".
  fileprivate var subject: String {
    switch violation.keeps {
    case .certificate: "Update of the CA bundle (\(violation.message))"
    case .key, .nothing: "Renewal of the server certificate (\(violation.message))"
    }
  }
}
