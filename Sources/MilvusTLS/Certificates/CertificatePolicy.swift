import Foundation
import PKI

/// Whether a Secret has to be written: named checks in order, the first that finds something decides.
public enum CertificatePolicy {
  /// What a check sees.
  struct Input {
    let desired: DesiredCertificate
    /// Nil where there is none.
    let secret: ObservedSecret?
    /// The CAs of the release; nil for the CA's own certificate.
    let rotation: AuthorityRotation?
    let now: Date
  }

  typealias Check = @Sendable (Input) -> CertificateViolation?

  /// The checks; later ones rely on what earlier ones have ruled out.
  static let checks: [Check] = [
    secretDoesNotExist, certificateIsLost, secretLacksEntries, secretIsUnreadable, keyDoesNotMatch, isExpired,
    isNotYetValid,
    issuerDiffers, namesDiffer, keyAlgorithmDiffers, durationDiffers, rotationIsRequested, renewalIsDue,
    authorityRenewalIsDue, bundleIsTampered, bundleDiffers,
  ]

  static func secretDoesNotExist(_ input: Input) -> CertificateViolation? {
    input.secret == nil ? CertificateViolation(.missing, "Secret did not exist", .damage) : nil
  }

  /// A CA gets a new certificate for the key that it has: everything that it issued stays good.
  static func certificateIsLost(_ input: Input) -> CertificateViolation? {
    guard case .certificateLost(_, let problem) = input.secret?.contents else { return nil }
    return CertificateViolation(.unreadable, "\(problem); the key is kept", keeps: .key, .damage)
  }

  // A CA without a good key is left to a person (`CertificateSet.notReady`).

  static func secretLacksEntries(_ input: Input) -> CertificateViolation? {
    guard input.desired.role != .authority, case .incomplete(let missing) = input.secret?.contents else { return nil }
    return CertificateViolation(.incomplete, "Secret lacked \(missing.joined(separator: ", "))", .damage)
  }

  static func secretIsUnreadable(_ input: Input) -> CertificateViolation? {
    guard input.desired.role != .authority, case .unreadable(let problem) = input.secret?.contents else { return nil }
    return CertificateViolation(.unreadable, problem, .damage)
  }

  static func keyDoesNotMatch(_ input: Input) -> CertificateViolation? {
    guard input.desired.role != .authority, case .mismatched = input.secret?.contents else { return nil }
    return CertificateViolation(.keyMismatch, "private key did not match the certificate", .damage)
  }

  static func isExpired(_ input: Input) -> CertificateViolation? {
    guard let certificate = input.contents?.certificate, certificate.notAfter <= input.now else { return nil }
    return CertificateViolation(
      .expired,
      "certificate expired at \(certificate.notAfter.kubernetesTime)",
      // The key of a CA is never overwritten.
      keeps: input.desired.role == .authority ? .key : .nothing,
      .damage
    )
  }

  /// Happens when the certificate was issued while the clock was ahead.
  static func isNotYetValid(_ input: Input) -> CertificateViolation? {
    guard let certificate = input.contents?.certificate, certificate.notBefore > input.now else { return nil }
    let message = "certificate was not valid before \(certificate.notBefore.kubernetesTime)"
    return CertificateViolation(.notYetValid, message, keeps: .key, .damage)
  }

  static func issuerDiffers(_ input: Input) -> CertificateViolation? {
    guard let rotation = input.rotation, let contents = input.contents, !rotation.isFromIssuer(contents) else {
      return nil
    }
    let message = "certificate was not issued by the current CA"
    return CertificateViolation(.authorityChanged, message, keeps: .key, .immediate)
  }

  static func namesDiffer(_ input: Input) -> CertificateViolation? {
    guard let certificate = input.contents?.certificate, input.desired.role != .authority else { return nil }
    let desired = input.desired
    let names = (certificate.dnsNames.map { $0.lowercased() }, desired.dnsNames.map { $0.lowercased() })
    var changes = differences("dnsNames", from: names.0, to: names.1)
    changes += differences("ipAddresses", from: certificate.ipAddresses, to: desired.ipAddresses)
    if certificate.subject != desired.subject { changes.append("subject changed to \(desired.subject)") }
    guard !changes.isEmpty else { return nil }
    return CertificateViolation(
      .namesChanged,
      changes.joined(separator: "; "),
      keeps: .key,
      input.isSpecifiedAsBefore ? .gradual : .immediate
    )
  }

  private static func differences(_ field: String, from present: [String], to wanted: [String]) -> [String] {
    let added = Set(wanted).subtracting(present).sorted()
    let removed = Set(present).subtracting(wanted).sorted()
    return [("added", added), ("removed", removed)].compactMap { verb, names in
      names.isEmpty ? nil : "\(field) \(verb) \(names.joined(separator: ", "))"
    }
  }

  static func keyAlgorithmDiffers(_ input: Input) -> CertificateViolation? {
    guard let certificate = input.contents?.certificate, input.desired.role != .authority,
      certificate.publicKeyAlgorithm != input.desired.algorithm
    else { return nil }
    let message = "private key algorithm changed to \(input.desired.algorithm)"
    return CertificateViolation(.keyChanged, message, input.isSpecifiedAsBefore ? .gradual : .immediate)
  }

  /// A certificate that its CA cut short differs, too, once the CA was renewed.
  static func durationDiffers(_ input: Input) -> CertificateViolation? {
    guard let certificate = input.contents?.certificate, let issuer = input.rotation?.issuer else { return nil }
    // A leaf never outlives its CA.
    guard certificate.notAfter < issuer.notAfter else { return nil }
    let wanted = input.desired.validity(from: certificate.notBefore)
    guard certificate.lifetime != wanted.notAfter.timeIntervalSince(wanted.notBefore) else { return nil }
    let message = "duration changed to \(input.desired.duration.kubernetes)"
    return CertificateViolation(
      .durationChanged,
      message,
      keeps: .key,
      input.isSpecifiedAsBefore ? .gradual : .scheduled
    )
  }

  static func rotationIsRequested(_ input: Input) -> CertificateViolation? {
    guard let value = input.desired.rotation, value != input.secret?.rotation, input.desired.role != .authority else {
      return nil
    }
    return CertificateViolation(.rotationRequested, "requested by annotation \(Annotations.rotate)", .requested)
  }

  static func renewalIsDue(_ input: Input) -> CertificateViolation? {
    guard let certificate = input.contents?.certificate, let issuer = input.rotation?.issuer else { return nil }
    let renewal = RenewalSchedule.renewalTime(of: certificate, renewBefore: input.desired.renewBefore)
    // A leaf never outlives its CA: where the CA ends first, a new leaf would end at the same time and be due at once.
    guard renewal <= input.now, certificate.notAfter < issuer.notAfter else { return nil }
    let message = "certificate expires at \(certificate.notAfter.kubernetesTime)"
    return CertificateViolation(.renewalDue, message, .scheduled)
  }

  /// Where the steps of a CA rotation do not fit into the time that the CA has left, it gets a new certificate for its
  /// old key; all who trust the old certificate go on.
  static func authorityRenewalIsDue(_ input: Input) -> CertificateViolation? {
    guard let certificate = input.contents?.certificate, input.desired.role == .authority,
      input.now >= RenewalSchedule.sameKeyRenewalTime(of: certificate, overlap: input.desired.overlap)
    else { return nil }
    let end = certificate.notAfter.kubernetesTime
    let message = "CA certificate expires at \(end), too soon for a CA rotation; renewed with the same key"
    return CertificateViolation(.renewalDue, message, keeps: .key, .immediate)
  }

  /// The pods need no restart: they were started with what the operator wrote.
  static func bundleIsTampered(_ input: Input) -> CertificateViolation? {
    guard let rotation = input.rotation, let secret = input.secret, let contents = input.contents else { return nil }
    let unknown = contents.authorities.filter { !rotation.bundle.contains($0) && !secret.wasTrusted($0) }
    guard !unknown.isEmpty, contents.authorities.filter({ !unknown.contains($0) }) == rotation.bundle else {
      return nil
    }
    let names = unknown.map(\.displayName).joined(separator: ", ")
    let message = "removed CA \(names), which this operator did not write"
    return CertificateViolation(.bundleTampered, message, keeps: .certificate, .immediate)
  }

  static func bundleDiffers(_ input: Input) -> CertificateViolation? {
    guard let rotation = input.rotation, let contents = input.contents, contents.authorities != rotation.bundle else {
      return nil
    }
    let names = rotation.bundle.map(\.displayName).joined(separator: ", ")
    return CertificateViolation(
      .trustChanged,
      names,
      keeps: .certificate,
      rotation.isRequested ? .requested : .scheduled
    )
  }
}

extension DesiredCertificate {
  /// The first finding of the policy about a Secret; nil where the Secret holds what is desired.
  /// - Parameters:
  ///   - secret: nil where there is none.
  ///   - rotation: the CAs of the release; nil for the CA's own certificate.
  public func violation(
    in secret: ObservedSecret?,
    rotation: AuthorityRotation?,
    now: Date
  ) -> CertificateViolation? {
    let input = CertificatePolicy.Input(desired: self, secret: secret, rotation: rotation, now: now)
    let isFormer = input.isFormerLeaf
    for check in CertificatePolicy.checks {
      guard var violation = check(input), !isFormer || violation.appliesToFormerLeaves else { continue }
      // Somebody who requests a rotation does not wait for windows, nor for other Milvus.
      if violation.timing == .gradual || violation.timing == .scheduled {
        if !isFormer, let requested = CertificatePolicy.rotationIsRequested(input) { return requested }
        if rotation?.isRequested == true { violation.timing = .requested }
      }
      if violation.keeps == .key, !input.mayKeepKey { violation.keeps = .nothing }
      return violation
    }
    return nil
  }
}

extension CertificatePolicy.Input {
  fileprivate var contents: ObservedSecret.CertificateContents? { secret?.certificateContents }

  /// Whether the certificate is of the former CA and stays for now.
  fileprivate var isFormerLeaf: Bool {
    guard let rotation, let contents else { return false }
    return rotation.keeps(contents, now: now)
  }

  /// Whether people specify the same as when the certificate was issued: then it is the operator whose defaults
  /// changed.
  fileprivate var isSpecifiedAsBefore: Bool { secret?.specified == desired.specified && desired.specified != nil }

  /// A change of the specification need not be about the key; a renewal that is due, or requested, comes with a new
  /// key.
  fileprivate var mayKeepKey: Bool {
    guard desired.role != .authority else { return true }
    guard let certificate = contents?.certificate, certificate.publicKeyAlgorithm == desired.algorithm,
      desired.rotation == nil || desired.rotation == secret?.rotation
    else { return false }
    return RenewalSchedule.renewalTime(of: certificate, renewBefore: desired.renewBefore) > now
  }
}

extension Certificate {
  /// The common name, or the subject where it has none.
  var displayName: String { subject.commonName.isEmpty ? "\(subject)" : subject.commonName }
}
