import Foundation
import PKI

// MARK: Rotation

extension ReleasePlanner {
  /// How long a rollout may take before users are told that it does not finish, in seconds.
  private static let rolloutLimit: TimeInterval = 30 * 60

  var gate: RotationGate {
    RotationGate(
      milvus: milvus,
      digest: configuration.digestInPods,
      windows: spec.windows,
      observation: observation
    )
  }

  /// Those of the writes that may be made now: what restarts pods by itself may have to wait, and the status then tells for what.
  mutating func permitted(_ issues: [TLSPlan.Issue], _ issuance: Issuance) -> [TLSPlan.Issue] {
    guard let server = issuance.server.contents?.certificate else { return issues }
    return issues.filter { issue in
      guard issue.request.role == .server, issue.reason.restartsByItself else { return true }
      let isAskedFor =
        issue.reason.reason == .rotationRequested
        || issue.reason.reason == .trustChanged && issuance.isReplacementAskedFor
      guard let wait = gate.wait(before: server, isAskedFor: isAskedFor) else { return true }
      waits(wait, for: "the server certificate: \(issue.reason.message)")
      return false
    }
  }

  /// The next step in the replacement of the authority, or its first, where one is due.
  /// - Parameter verification: the state of the pods, once nothing else is to be done.
  mutating func planReplacement(
    _ issuance: Issuance,
    _ intent: TLSIntent,
    _ verification: Verification
  ) throws -> [TLSPlan.Action] {
    guard let trust = issuance.trust, let server = issuance.server.contents else { return [] }
    draft.noteReplacement(trust)
    guard issuance.isTrustInPlace else { return [] }
    let (actions, what) = try issuance.nextStep(observation.now) {
      try Issuance(intent: intent, milvus: milvus, observation: observation, isStepDone: true).issues
    }
    guard !actions.isEmpty else { return [] }
    // What ends first: the former authority's certificates, or the authority itself.
    let urgent = trust.step == nil ? trust.issuer.certificate : server.certificate
    let wait = gate.wait(
      beforeStepFrom: urgent,
      verification: verification,
      trustedSince: issuance.trustedSince,
      overlap: trust.step == nil ? .zero : spec.authority.overlap,
      restartsPods: spec.restartsPods || trust.step == nil,
      pods: observation.pods,
      isAskedFor: trust.step == nil ? issuance.askedReplacement : issuance.isReplacementAskedFor
    )
    guard let wait else { return actions }
    if trust.step == nil || !wait.isProgress { waits(wait, for: what) }
    return []
  }

  /// Follows a rollout: one that does not finish is told of, and nothing is rolled back.
  mutating func follow(_ rollout: String?, to digest: String, _ verification: Verification) -> Condition {
    let hasFormerPods = observation.pods.contains { !$0.isDeleting && $0.digest != digest }
    guard gate.hold == nil, let rollout, let since = draft.follow(rolloutTo: digest, isNew: hasFormerPods) else {
      draft.endRollout()
      return verification.condition
    }
    let limit = since + Self.rolloutLimit
    guard observation.now >= limit else {
      wakeUps.append(limit)
      return verification.condition
    }
    guard verification.condition.status != .false else { return verification.condition }
    return Condition(
      "Verified",
      .false,
      "RolloutUnfinished",
      "the rollout that began at \(since.kubernetesTime) has not finished: \(rollout); nothing is rolled back, and pods of the "
        + "former template run on"
    )
  }
}

extension ReleasePlanner {
  private mutating func waits(_ wait: RotationGate.Wait, for what: String) {
    draft.waits(wait, for: what)
    if let until = wait.until { wakeUps.append(until) }
  }
}

extension Issuance {
  /// Whether somebody asked for the replacement that goes on.
  var isReplacementAskedFor: Bool {
    trust?.step != nil && authority.secret?.replacementReason == IssuanceReason.Reason.rotationRequested.rawValue
  }

  /// Whether somebody asks for a replacement that has not begun.
  var askedReplacement: Bool {
    guard let asked = authority.request.rotation else { return false }
    return asked != authority.secret?.rotation
  }

  /// What is next in the replacement of the authority, and for people.
  /// - Parameter issues: what is to be issued once the present step is taken for done.
  fileprivate func nextStep(
    _ now: Date,
    issues: () throws -> [TLSPlan.Issue]
  ) rethrows -> (actions: [TLSPlan.Action], what: String) {
    guard let trust, let secret = authority.secret else { return ([], "") }
    if keepsAuthority, let reason = damageToNext(now) ?? (trust.step == nil ? replacementReason(now) : nil) {
      let what = "the authority: \(reason.message)"
      return ([.introduceAuthority(authority.request, reason, into: secret)], what)
    }
    guard trust.step != nil else { return ([], "") }
    if secret.next != nil {
      return ([.promoteAuthority(in: secret)], "the authority: the next one is to take over")
    }
    let what = trust.step == .trustingBoth ? "is to issue everything anew" : "is to be trusted alone"
    return (try issues().map { .issue($0) }, "the authority: the present one \(what)")
  }

  /// Why the next authority has to be made again: its replacement goes on for the reason that it began for.
  private func damageToNext(_ now: Date) -> IssuanceReason? {
    guard let secret = authority.secret, secret.hasNextFiles, authority.next(at: now) == nil else { return nil }
    let reason = secret.replacementReason.flatMap(IssuanceReason.Reason.init) ?? .renewalDue
    return IssuanceReason(
      reason,
      "the next one, in \(Names.nextAuthorityCertificate), cannot be used and is made again"
    )
  }

  private func replacementReason(_ now: Date) -> IssuanceReason? {
    if askedReplacement {
      return IssuanceReason(.rotationRequested, "asked for by annotation \(Names.rotateAuthorityAnnotation)")
    }
    guard let certificate = authority.contents?.certificate,
      CertificatePolicy.renewalTime(of: certificate, renewBefore: nil) <= now
    else { return nil }
    return IssuanceReason(.renewalDue, "it ends at \(certificate.notAfter.kubernetesTime)")
  }
}

extension IssuanceReason {
  /// Whether it brings a restart that mends nothing: such a one can wait.
  fileprivate var restartsByItself: Bool {
    switch reason {
    // A certificate that its authority cut short has another lifetime as well, once that has been renewed.
    case .renewalDue, .rotationRequested, .trustChanged, .durationChanged: true
    default: false
    }
  }
}
