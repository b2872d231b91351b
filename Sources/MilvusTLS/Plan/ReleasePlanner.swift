import Foundation
import JSON
import PKI

/// Plans for a Milvus and the MilvusTLS that decides for it.
struct ReleasePlanner {
  /// How long until a state that others have to change is looked at again, in seconds: not all of it is watched.
  private static let obstacleWait = 60.0

  /// How often handshakes are made again, in seconds.
  private static let verificationInterval = 3600.0

  let observation: Observation
  let milvus: ObservedMilvus
  let milvusTLS: ObservedMilvusTLS
  let spec: MilvusTLSSpec
  let configuration: MilvusConfiguration
  var draft: StatusDraft
  /// When something that is waited for is over.
  var wakeUps: [Date] = []

  /// - Parameter obstacle: what stands in the way already.
  /// - Throws: `PKIError` for names that no certificate can carry.
  mutating func plan(_ obstacle: Obstacle?) throws -> TLSPlan {
    let names = secretNames
    let asked = intent(names, keys: .own)
    draft.asked(asked)
    draft.noteUnreachableREST(configuration.differingRESTPorts)
    guard asked.isEnabled else { return planDisabled(obstacle) }
    let unread = observation.unread([names.server] + (spec.authority.secretName.map { [$0] } ?? []))
    guard unread.isEmpty else { return TLSPlan(actions: [.lookUp(unread)]) }
    let server = observation.secret(names.server)
    let intent = intent(names, keys: keys(of: server))
    let obstacle = obstacle ?? versionObstacle(intent) ?? conflict(intent)
    if let issuer = spec.certificate.issuer { return try planCertManager(issuer, intent, server, obstacle) }
    if let server, !server.isManaged { return try planForeign(server, .secret, intent, clients: [], obstacle) }
    return try planOwn(intent, obstacle ?? missingSecret(names.server, server) ?? missingAuthority(names.authority))
  }

  private func intent(_ names: SecretNames, keys: SecretKeys) -> TLSIntent {
    TLSIntent(spec: spec, milvus: milvus, configuration: configuration, secrets: names, keys: keys)
  }

  /// Names of the Secrets, with what the author mounts taken as named.
  private var secretNames: SecretNames {
    SecretNames(
      spec: spec,
      milvus: milvus.name,
      mounted: configuration.writtenSecret(spec.mount)?.name,
      owner: observation.owner
    )
  }

  /// Where the server's Secret holds the files: where the author's mounts say, else where it is customary.
  private func keys(of server: ObservedSecret?) -> SecretKeys {
    let isIssued = spec.certificate.issuer != nil
    guard let server else { return isIssued ? ObservedSecret.tlsKeys : .own }
    guard !server.isManaged else { return .own }
    // An issuer need not give an authority.
    if isIssued { return ObservedSecret.tlsKeys.filter { $0.key != .authority || server.files[$0.value] != nil } }
    let written = configuration.writtenSecret(spec.mount)
    return server.foundKeys.merging(written?.name == server.name ? written?.keys ?? [:] : [:]) { $1 }
  }

  // MARK: Obstacles

  /// Why this Milvus is too old, and the note for one that may be.
  private mutating func versionObstacle(_ intent: TLSIntent) -> Obstacle? {
    guard intent.isInternalEnabled else { return nil }
    let versions = MilvusVersion.all(in: milvus.spec["components"], isCluster: milvus.isCluster)
    if let old = versions.first(where: { $0.hasInternalTLS == false }) {
      return Obstacle(
        reason: "UnsupportedVersion",
        message: "\(old.field) is \(old.text.quoted): internal TLS needs Milvus 2.5.0 or later"
      )
    }
    if let unknown = versions.first(where: { $0.hasInternalTLS == nil }) {
      let message = "\(unknown.field) is \(unknown.text.quoted), which tells no version: taken as 2.5.0 or later"
      draft.note("VersionAssumed", "NoVersion", message)
    }
    return nil
  }

  private func conflict(_ intent: TLSIntent) -> Obstacle? {
    guard case .conflicts(let conflicts) = configuration.change(for: intent, digest: "", isRolledOut: true) else {
      return nil
    }
    return Obstacle(conflicts)
  }

  /// A Secret that somebody else keeps and that was in use is theirs to make again: they may be about to.
  private func missingSecret(_ name: String, _ server: ObservedSecret?) -> Obstacle? {
    guard server == nil, let before = milvusTLS.status["certificate"], before["secretName"]?.string == name,
      before["digest"] != nil, milvusTLS.foreignSecretNames.contains(name)
    else { return nil }
    return Obstacle(
      reason: "SecretMissing",
      message:
        "Secret \(name), which this operator did not make, is gone; make it again, or name another one in a MilvusTLS "
        + "(certificate.secretName) for this operator to make"
    )
  }

  /// So is an authority's: one of the operator's own in its place would be trusted by nobody.
  private func missingAuthority(_ name: String) -> Obstacle? {
    let before = milvusTLS.status["authority"]
    guard observation.secrets[name] == nil, observation.otherSecrets[name] == nil,
      before?["secretName"]?.string == name,
      before?["source"]?.string == InstalledCertificates.Source.secret.rawValue
    else { return nil }
    return Obstacle(
      reason: "SecretMissing",
      message:
        "Secret \(name) with the authority, which this operator did not make, is gone; make it again, or name another one in "
        + "authority.secretName"
    )
  }

  // MARK: Disabled

  private mutating func planDisabled(_ obstacle: Obstacle?) -> TLSPlan {
    if let obstacle = obstacle ?? Obstacle(configuration.conflictsWithDisabled) {
      draft.notReady(obstacle)
      return TLSPlan(draft)
    }
    let isRolledOut = milvus.isRolledOut && observation.pods.allSatisfy { $0.digest == nil }
    if case .patch(let patch, _) = configuration.removal(isRolledOut: isRolledOut) {
      return TLSPlan(actions: [.patchMilvus(patch, .remove)])
    }
    if configuration.isConfigured {
      draft.disabled("no TLS is asked for; it is taken out of the pods as milvus-operator rolls them")
    } else {
      draft.disabled()
    }
    return TLSPlan(draft)
  }

  // MARK: Certificates of the operator's own authority

  private mutating func planOwn(_ intent: TLSIntent, _ given: Obstacle?) throws -> TLSPlan {
    let issuance = try Issuance(intent: intent, milvus: milvus, observation: observation)
    var obstacle = given
    if obstacle == nil {
      let unread = observation.unread(issuance.secretNames)
      guard unread.isEmpty else { return TLSPlan(actions: [.lookUp(unread)]) }
      obstacle = issuance.obstacle
    }
    if let obstacle { return planObstructed(issuance, obstacle) }
    let orphans = issuance.orphans
    guard orphans.isEmpty else { return TLSPlan(actions: orphans.map { .adopt($0) }) }
    let issues = permitted(issuance.issues, issuance)
    guard issues.isEmpty, let installed = issuance.installed else {
      return TLSPlan(actions: issues.map { .issue($0) })
    }
    let abandoned = abandonedClients(issuance)
    guard abandoned.isEmpty else { return TLSPlan(actions: abandoned.map { .delete($0) }) }
    draft.noteEndOfAuthority(issuance, now: observation.now)
    return try planConfigured(installed, intent, issuance, wakeUp: issuance.nextDue)
  }

  /// The operator's Secrets of clients that the specification listed before and does not list any more. One that a client has under
  /// another name now stays: who mounts it has yet to move.
  private func abandonedClients(_ issuance: Issuance) -> [ObservedSecret] {
    let (wanted, listed) = (Set(issuance.secretNames), Set(issuance.clients.compactMap(\.request.client)))
    return standingClients.filter { !listed.contains($0.key) }.values.sorted().compactMap { name in
      guard !wanted.contains(name), let secret = observation.secrets[name], secret.ownerUID == milvus.uid else {
        return nil
      }
      return secret
    }
  }

  /// The plan where what is asked for cannot be given: what is in place is kept alive, and the obstacle is told.
  mutating func planObstructed(_ issuance: Issuance, _ obstacle: Obstacle, wakeUp: Date? = nil) -> TLSPlan {
    // A specification that is read in part says what is to be kept alive, not what it is to be like.
    let standing = obstacle.reason == "InvalidSpec" ? issuance.renewalsInKind : issuance.renewals
    let renewals = permitted(standing, issuance)
    guard renewals.isEmpty else { return TLSPlan(actions: renewals.map { .issue($0) }) }
    if let server = issuance.installed?.server, let restart = restart(server, of: issuance.server.request.secretName) {
      return TLSPlan(actions: [restart])
    }
    return planWaiting(obstacle, wakeUp: [wakeUp, issuance.nextDue].compactMap(\.self).min())
  }

  /// The same, whichever Secret it is that serves: one of the operator's own, or one of others with new contents.
  mutating func planObstructed(
    _ intent: TLSIntent,
    _ obstacle: Obstacle,
    new: (secretName: String, contents: ObservedSecret.CertificateContents)? = nil,
    wakeUp: Date? = nil
  ) throws -> TLSPlan {
    if let new, let restart = restart(new.contents, of: new.secretName) { return TLSPlan(actions: [restart]) }
    guard let standing = configuration.mountedSecret, observation.secrets[standing]?.milvus == milvus.name else {
      return planWaiting(obstacle, wakeUp: wakeUp)
    }
    let names = intent.secrets.serving(standing, clients: standingClients)
    let issuance = try Issuance(intent: self.intent(names, keys: .own), milvus: milvus, observation: observation)
    return planObstructed(issuance, obstacle, wakeUp: wakeUp)
  }

  /// The clients' Secrets that the operator made for this Milvus.
  private var standingClients: [String: String] {
    let clients = milvusTLS.status["clients"]?.array ?? []
    return clients.reduce(into: [:]) { names, client in
      guard let name = client["name"]?.string, let secret = client["secretName"]?.string,
        observation.secrets[secret]?.role == .client, observation.secrets[secret]?.milvus == milvus.name
      else { return }
      names[name] = secret
    }
  }

  /// The roll that has the pods take up new certificates from the Secret that they mount already.
  private func restart(_ contents: ObservedSecret.CertificateContents, of secretName: String) -> TLSPlan.Action? {
    guard spec.restartsPods, configuration.mountedSecret == secretName,
      case .patch(let patch, _) = configuration.restart(certificates: contents.digest)
    else { return nil }
    return .patchMilvus(patch, .restart)
  }

  // MARK: The Milvus

  /// The plan once the Secrets are in place: only now may the Milvus name them.
  mutating func planConfigured(
    _ installed: InstalledCertificates,
    _ intent: TLSIntent,
    _ issuance: Issuance? = nil,
    wakeUp: Date?
  ) throws -> TLSPlan {
    let present = installed.server.digest
    let inPods = configuration.certificatesInPods
    let certificates = spec.restartsPods ? present : inPods ?? present
    let digest = try configuration.digest(for: intent, certificates: certificates)
    let change = configuration.change(
      for: intent,
      digest: digest,
      isRolledOut: milvus.isRolledOut && observation.pods.allSatisfy { $0.digest == digest },
      wasConfigured: draft.wasConfigured
    )
    switch change {
    case .conflicts(let conflicts):
      if let obstacle = Obstacle(conflicts) { return planWaiting(obstacle, wakeUp: wakeUp) }
    case .patch(let patch, let reverted):
      let isRestart = configuration.restart(certificates: certificates) == change
      let configure = TLSPlan.Change.configure(external: intent.external, internal: intent.isInternalEnabled)
      return planAgainst(reverted, .patchMilvus(patch, isRestart ? .restart : configure), wakeUp: wakeUp)
    case .none: break
    }
    let verification = Verification(
      intent: intent,
      digest: digest,
      certificate: installed.server.certificate,
      config: milvus.spec["config"],
      observation: observation
    )
    if certificates != present, verification.condition.status != .true {
      let message = "spec.rotation.restart is false: pods run with the former certificate until somebody restarts them"
      draft.note("RestartPending", "RestartIsOff", message)
    }
    let rollout = gate.rollout
    draft.ready(
      installed,
      digest: digest,
      verification: verification,
      verified: follow(rollout, to: digest, verification)
    )
    if let issuance {
      let steps = try planReplacement(issuance, intent, verification)
      guard steps.isEmpty else { return TLSPlan(actions: steps) }
    }
    let handshakes = verification.wanted.isEmpty ? nil : installed.handshakes(with: verification.wanted)
    let again = handshakes == nil ? nil : observation.now + Self.verificationInterval
    let next = ([wakeUp, again].compactMap(\.self) + wakeUps).min()
    var plan = TLSPlan(draft, logs: verification.logs.unread, wakeUp: next)
    plan.handshakes = handshakes
    return plan
  }

  /// The plan where somebody may have taken the operator's fields out: a few times they are put back.
  private mutating func planAgainst(_ reverted: [JSONPointer], _ configure: TLSPlan.Action, wakeUp: Date?) -> TLSPlan {
    guard !reverted.isEmpty else { return TLSPlan(actions: [configure]) }
    let stored = draft.reversions
    var reversions = stored
    reversions.count(reverted, milvus: milvus, generation: milvusTLS.generation, now: observation.now)
    draft.reversions = reversions
    if let until = reversions.pausedUntil(observation.now) {
      return planWaiting(
        reversions.obstacle(until: until, milvusTLS: milvusTLS.name),
        wakeUp: min(until, wakeUp ?? until)
      )
    }
    return TLSPlan(actions: (reversions == stored ? [] : [.writeStatus(draft.reversionsChange)]) + [configure])
  }

  /// The plan that changes nothing and tells why.
  mutating func planWaiting(_ obstacle: Obstacle, wakeUp: Date? = nil) -> TLSPlan {
    draft.notReady(obstacle)
    let next = observation.now + Self.obstacleWait
    return TLSPlan(draft, wakeUp: ([next, wakeUp].compactMap(\.self) + wakeUps).min())
  }
}

extension Obstacle {
  /// Nil without a conflict.
  fileprivate init?(_ conflicts: [FieldConflict]) {
    guard !conflicts.isEmpty else { return nil }
    self.init(reason: "Conflict", message: conflicts.map(\.description).joined(separator: "; "))
  }
}

extension StatusDraft {
  /// Notes an authority of somebody else in the last third of its life.
  fileprivate mutating func noteEndOfAuthority(_ issuance: Issuance, now: Date) {
    guard !issuance.keepsAuthority, let issuer = issuance.trust?.issuer else { return }
    guard CertificatePolicy.renewalTime(of: issuer.certificate, renewBefore: nil) <= now else { return }
    let message =
      "the authority in Secret \(issuance.authority.request.secretName), which this operator never writes to, ends at "
      + "\(issuer.notAfter.kubernetesTime); put another one there, and everything goes over to it step by step"
    note("AuthorityExpiring", "LastThird", message)
  }
}
