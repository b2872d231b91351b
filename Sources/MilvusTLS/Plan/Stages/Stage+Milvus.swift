import Foundation
import JSON

extension Stage {
  /// Configures the Milvus once the Secrets are in place: only now may it name them.
  static func configureMilvus(_ context: inout ReleaseContext) throws -> Outcome {
    guard let installed = context.installed else { return .done }
    let (configuration, requirements) = (context.configuration, context.requirements)
    let present = installed.server.digest
    let (restarts, server) = (context.spec.restartsPods, installed.server)
    let isHeld = restarts && context.holdsRestart(server, trustedSince: installed.trustedSince)
    let certificates = restarts && !isHeld ? present : configuration.certificatesInPods ?? present
    let digest = configuration.carried(try requirements.digest(certificates: certificates))
    context.digest = digest
    let isRolledOut = context.milvus.isRolledOut && context.observation.pods.allSatisfy { $0.digest == digest }
    let change = configuration.change(
      for: requirements,
      digest: digest,
      isRolledOut: isRolledOut,
      wasConfigured: context.status.wasConfigured
    )
    switch change {
    case .none: break
    case .conflicts(let conflicts):
      if let obstacle = NotReady(conflicts) { return .stop(obstacle) }
    case .patch(let patch, let reverted):
      let isRestart = configuration.restart(certificates: certificates) == change
      let configure = TLSPlan.Change.configure(
        external: requirements.external,
        internal: requirements.isInternalEnabled
      )
      return patchMilvus(.patchMilvus(patch, isRestart ? .restart : configure), reverted, &context)
    }
    context.isRestartOff = certificates != present && !isHeld
    return .goOn
  }

  /// Patches a Milvus from which somebody may have removed the operator's fields: a few times they are put back.
  private static func patchMilvus(
    _ patch: TLSPlan.Action,
    _ reverted: [JSONPointer],
    _ context: inout ReleaseContext
  ) -> Outcome {
    guard !reverted.isEmpty else { return .act([patch]) }
    let stored = context.status.status.reversions
    var reversions = stored ?? Reversions()
    reversions.count(
      reverted,
      milvus: context.milvus,
      generation: context.milvusTLS.generation,
      now: context.now
    )
    context.status.status.reversions = reversions
    if let until = reversions.pausedUntil(context.now) {
      context.wakeUps.append(until)
      return .stop(reversions.notReady(until: until, milvusTLS: context.milvusTLS.name))
    }
    let change = reversions == stored ? nil : context.status.reversionsChange
    return .act((change.map { [.writeStatus($0)] } ?? []) + [patch])
  }

  /// Judges what logs and handshakes say, and rolls pods again that started with the former certificate.
  static func verifyPods(_ context: inout ReleaseContext) -> Outcome {
    guard let installed = context.installed else { return .done }
    let verification = Verification(
      intent: context.intent,
      digest: context.digest,
      certificate: installed.server.certificate,
      internalCertificate: installed.internalCertificate,
      milvus: context.milvus,
      configuration: context.configuration,
      observation: context.observation
    )
    context.verification = verification
    record(verification, &context)
    if let end = verification.patienceEnd { context.wakeUps.append(end) }
    let gate = context.gate
    if context.spec.restartsPods, verification.outdatedPod != nil, gate.hold == nil, gate.rollout == nil,
      case .patch(let patch, _) = context.configuration.repeatedRestart
    {
      return .act([.patchMilvus(patch, .restartAgain)])
    }
    context.status.status.certificate = MilvusTLSStatus.Certificate(installed, digest: context.digest)
    context.status.status.authority = installed.authority
    context.isRestartOff = context.isRestartOff && !gate.allPodsLoaded(installed, verification)
    if context.isRestartOff {
      let message =
        "Pods run with the former certificate or ca.pem until somebody restarts them (spec.rotation.restart is false)"
      context.status.note(NoteReason.restartIsOff, message)
    }
    noteLostRequests(&context)
    let verified = follow(gate, verification, &context)
    context.status.setReady(verified)
    return .goOn
  }

  /// Warns of an upgrade during which proxies of one release cannot forward requests to those of another.
  private static func noteLostRequests(_ context: inout ReleaseContext) {
    guard context.intent.external != .disabled else { return }
    let proxies = context.observation.pods.filter { $0.component == .proxy && !$0.isDeleting }
    let former = proxies.filter { $0.release.map(MilvusVersionTable.isForwardedTo) ?? false }.map(\.name).sorted()
    let specified = MilvusVersion.release(
      of: .proxy,
      in: context.configuration.current[MilvusConfiguration.components]
    )
    let releases = (proxies.map(\.release) + [specified]).compactMap(\.self)
    guard let first = former.first, let newer = releases.filter(MilvusVersionTable.losesForwardedRequests).max() else {
      return
    }
    let message =
      "\(former.count.of("proxy pod")) of Milvus 2.5 (\(first)) and proxies of \(newer) serve side by side with "
      + "external TLS: requests that the newer proxies forward to the older ones fail until the upgrade has ended "
      + "(milvus-io/milvus #48224)"
    context.status.note(NoteReason.mixedProxies, message)
  }

  /// Records what was seen of the pods. What answers without TLS stays as it is stored while not every port has been
  /// asked.
  static func record(_ verification: Verification, _ context: inout ReleaseContext) {
    context.status.status.pods = verification.logs.read.map {
      MilvusTLSStatus.Pod(name: $0.pod.name, run: $0.pod.run, verdict: $0.verdict)
    }
    context.status.status.endpoints = verification.endpoints.map {
      MilvusTLSStatus.Endpoint(
        name: $0.endpoint.name,
        address: $0.endpoint.address,
        podUID: $0.endpoint.run.podUID,
        restartCount: $0.endpoint.run.restartCount,
        certificate: $0.endpoint.certificate ?? "",
        verdict: $0.verdict
      )
    }
    guard let condition = verification.plaintext.condition else { return context.status.keepNote(.plaintextExposed) }
    context.status.note(condition)
    context.status.status.plaintext = verification.plaintext.findings
  }

  /// How long a rollout may take before it is reported, in seconds.
  fileprivate static let rolloutLimit: TimeInterval = 30 * 60

  /// Follows a rollout: one that does not finish is reported, and nothing is rolled back.
  private static func follow(
    _ gate: RotationGate,
    _ verification: Verification,
    _ context: inout ReleaseContext
  ) -> Condition {
    let digest = context.digest
    let hasFormerPods = context.observation.pods.contains { !$0.isDeleting && $0.digest != digest }
    guard gate.hold == nil, let rollout = gate.rollout,
      let since = context.status.follow(rolloutTo: digest, isNew: hasFormerPods)
    else {
      context.status.status.rollout = nil
      return verification.condition
    }
    let limit = since + rolloutLimit
    guard context.now >= limit else {
      context.wakeUps.append(limit)
      return verification.condition
    }
    let evidence = verification.condition.status == .false ? "\(verification.condition.message). " : ""
    let message =
      "Rollout started at \(since.kubernetesTime) has not finished after 30m: \(rollout). \(evidence)"
      + "Nothing is rolled back; pods of the previous template keep running"
    return Condition(VerifiedReason.rolloutUnfinished, message)
  }

  /// Takes the next step of a CA rotation, or its first, where one is due and nothing has to be waited for.
  static func rotateAuthority(_ context: inout ReleaseContext) throws -> Outcome {
    guard let certificates = context.certificates, let rotation = certificates.rotation,
      let server = certificates.server.contents, let verification = context.verification
    else { return .done }
    if let phase = rotation.phase, let progress = rotation.progress {
      context.status.note(phase, progress)
    } else if context.status.isRotating,
      context.isRestartHeld || context.isRestartOff || !verification.isSettled
    {
      let ca = rotation.issuer.certificate.displayName
      let message =
        context.spec.restartsPods
        ? "CA rotation 3/3: restarting pods to trust \(ca) alone"
        : "CA rotation 3/3: waiting for somebody to restart the pods, which then trust \(ca) alone"
      context.status.note(AuthorityRotation.Phase.finishing, message)
      if !context.isRestartHeld, !context.isRestartOff, let wait = context.gate.wait(for: verification),
        context.holds(wait)
      {
        context.wait(wait, for: "CA rotation: its end")
      }
    }
    guard certificates.isBundleInPlace, !context.isRestartHeld, let transition = certificates.transition else {
      return .done
    }
    let actions = try context.actions(for: transition, certificates)
    guard !actions.isEmpty else { return .done }
    let phase = rotation.phase
    let wait = context.gate.wait(
      after: phase,
      // What expires first: the old CA's certificates, or the CA itself.
      before: phase == nil ? rotation.issuer.certificate : server.certificate,
      verification: verification,
      trustedSince: certificates.trustedSince,
      restartsPods: context.spec.restartsPods,
      isRequested: phase == nil ? certificates.authority.isRotationRequested : rotation.isRequested
    )
    guard let wait else { return .act(actions) }
    if phase == nil || context.holds(wait) { context.wait(wait, for: transition.description) }
    return .done
  }
}

extension ReleaseContext {
  /// Whether a wait holds a CA rotation up that has begun, and does not simply belong to it, as a rollout does that is
  /// not overdue.
  fileprivate func holds(_ wait: RotationGate.Wait) -> Bool {
    guard wait.isProgress else { return true }
    guard wait.reason == .rolloutInProgress else { return false }
    guard let rollout = status.status.rollout, let since = Date(kubernetesTime: rollout.since) else { return true }
    return now >= since + Stage.rolloutLimit
  }

  /// The actions of a transition.
  fileprivate func actions(
    for transition: AuthorityRotation.Transition,
    _ certificates: CertificateSet
  ) throws -> [TLSPlan.Action] {
    guard let secret = certificates.authority.secret else { return [] }
    switch transition {
    case .change(let change): return [.changeAuthority(change, in: secret)]
    case .finishStep:
      let next = try CertificateSet(intent: intent, milvus: milvus, observation: observation, isStepDone: true)
      return next.needed.map { .writeCertificate($0) }
    }
  }
}
