import Foundation
import PKI

/// The CAs of a release and the state of their rotation, read from the Secrets alone: after a crash the rotation goes
/// on from there.
///
/// A CA is replaced in three steps. Each restarts the pods, and each waits until the one before is verified on every
/// pod (`RotationGate`), so that no connection fails in between:
///
/// 1. `trustingBoth`: every `ca.pem` holds the old CA and the new one;
/// 2. `replacing`: the new CA reissues every certificate, and the old CA is still trusted;
/// 3. every `ca.pem` holds the new CA alone, and no phase is left in the Secrets (`finishing` until the pods run with
///    it).
public struct AuthorityRotation: Sendable, Equatable {
  /// A phase between the first step and the last. The raw values are those of the API (`status.authority.step`).
  public enum Phase: String, ConditionReason {
    /// Step 1: the bundles with both CAs are distributed.
    case trustingBoth = "TrustingBoth"
    /// Step 2: every certificate is reissued.
    case replacing = "Replacing"
    /// Step 3: the pods restart to trust the new CA alone. The Secrets are done: it is a reason of the condition only.
    case finishing = "Finishing"

    public var type: ConditionType { .authorityRotating }
    public var status: Condition.Status { .true }
  }

  /// What begins, continues or ends a rotation.
  enum Transition: Equatable {
    /// Changes the authority's Secret: a new CA is introduced, which begins step 1, or takes over, which ends it.
    case change(AuthorityChange)
    /// Writes what follows once the present step is done: the end of step 1 for a provided CA, or of step 2.
    case finishStep(Phase)
  }

  /// The CA that signs.
  public let issuer: IssuingAuthority
  /// What every `ca.pem` has to hold, the CA that issues first.
  public let bundle: [Certificate]
  /// Nil while there is one CA alone.
  public let phase: Phase?
  /// Whether somebody requested the rotation that is under way.
  let isRequested: Bool
  /// True while some pods may not trust the new CA yet; certificates of the old CA are then kept.
  private let keepsFormer: Bool

  /// - Parameters:
  ///   - issuer: the CA of the authority's Secret.
  ///   - next: the CA that is about to take over.
  ///   - present: what the bundles hold now. Their order counts: the first is the CA that was issuing.
  ///   - isRequested: whether somebody requested the rotation that the authority's Secret records.
  ///   - isStepDone: whether every pod is known to run with what the present step wrote.
  init(
    issuer: IssuingAuthority,
    next: Certificate?,
    present: [Certificate],
    isRequested: Bool,
    isStepDone: Bool,
    now: Date
  ) {
    self.issuer = issuer
    let wanted = issuer.roots + [next].compactMap(\.self)
    // An old certificate of the same name and key is no other CA: what either has signed is good with both.
    let former = present.filter { old in old.notAfter > now && !wanted.contains { $0 == old || old.isIssued(by: $0) } }
    let isFirst = present.first.map { first in issuer.roots.contains { $0 == first || first.isIssued(by: $0) } } ?? true
    if former.isEmpty || isFirst {
      let isLast = isStepDone && next == nil
      bundle = wanted + (isLast ? [] : former)
      phase = next != nil ? .trustingBoth : isLast || former.isEmpty ? nil : .replacing
      keepsFormer = false
    } else {
      // The authority's Secret holds another CA than before: it comes into use by the same steps.
      keepsFormer = !(isStepDone && issuer.roots.allSatisfy(present.contains))
      bundle = keepsFormer ? former + wanted : wanted + former
      phase = keepsFormer ? .trustingBoth : .replacing
    }
    self.isRequested = isRequested && phase != nil
  }

  /// Whether a certificate of the old CA stays: it is good, and not in the last tenth of its lifetime.
  func keeps(_ contents: ObservedSecret.CertificateContents, now: Date) -> Bool {
    let certificate = contents.certificate
    return keepsFormer && !isFromIssuer(contents) && !RenewalSchedule.isCritical(certificate, at: now)
      && (bundle + contents.intermediates).contains(where: certificate.isIssued)
  }

  /// Whether a certificate leads to the present CA.
  func isFromIssuer(_ contents: ObservedSecret.CertificateContents) -> Bool {
    contents.certificate.isIssued(by: issuer.certificate) && contents.intermediates == issuer.intermediates
  }
}

// MARK: Transitions

extension AuthorityRotation {
  /// What is next, for the CA in a Secret; nil where nothing is due.
  /// - Parameters:
  ///   - authority: the authority's Secret with the CA that is desired.
  ///   - isOwn: whether the operator keeps the CA; a provided one is replaced by its owner.
  func transition(_ authority: CertificateSet.Entry, isOwn: Bool, now: Date) -> Transition? {
    guard let secret = authority.secret else { return nil }
    if isOwn, let violation = Self.damageToNext(authority, now) ?? (phase == nil ? Self.due(authority, now) : nil) {
      return .change(.introduce(authority.desired, violation))
    }
    guard let phase else { return nil }
    return secret.next == nil ? .finishStep(phase) : .change(.promote)
  }

  /// Why the next CA has to be made again: the rotation goes on for the reason that it began for.
  private static func damageToNext(_ authority: CertificateSet.Entry, _ now: Date) -> CertificateViolation? {
    guard let secret = authority.secret, secret.hasNextEntries, authority.next(at: now) == nil else { return nil }
    let reason = secret.replacementReason.flatMap(CertificateViolation.Reason.init) ?? .renewalDue
    let message = "the next CA in \(SecretEntry.nextAuthorityCertificate) could not be used"
    return CertificateViolation(reason, message, reason == .rotationRequested ? .requested : .scheduled)
  }

  /// Why the CA has to be replaced now.
  private static func due(_ authority: CertificateSet.Entry, _ now: Date) -> CertificateViolation? {
    if authority.isRotationRequested {
      let message = "requested by annotation \(Annotations.rotateAuthority)"
      return CertificateViolation(.rotationRequested, message, .requested)
    }
    guard let certificate = authority.contents?.certificate,
      RenewalSchedule.renewalTime(of: certificate, renewBefore: nil) <= now
    else { return nil }
    let message = "CA certificate expires at \(certificate.notAfter.kubernetesTime)"
    return CertificateViolation(.renewalDue, message, .scheduled)
  }
}

extension AuthorityRotation.Transition {
  /// What it does, as the subject of "is waiting".
  var description: String {
    switch self {
    case .change(.introduce(_, let violation)): "CA rotation (\(violation.message))"
    case .change(.promote): "CA rotation: the switch to the new CA"
    case .finishStep(.trustingBoth): "CA rotation: reissuing certificates with the new CA"
    case .finishStep(.replacing), .finishStep(.finishing): "CA rotation: removing the old CA from the bundle"
    }
  }
}

extension AuthorityRotation {
  /// The phase for people; nil while there is none.
  var progress: String? {
    let (issuer, names) = (issuer.certificate.displayName, bundle.map(\.displayName))
    switch phase {
    case nil, .finishing: return nil
    case .trustingBoth: return "CA rotation 1/3: distributing a bundle with \(names.joined(separator: " and "))"
    case .replacing:
      let old = bundle.filter { !self.issuer.roots.contains($0) }.map(\.displayName).joined(separator: ", ")
      return "CA rotation 2/3: reissuing all certificates with \(issuer); \(old) is still trusted"
    }
  }
}
