import Foundation
import PKI

/// Whether a Secret's certificate has to be issued anew: named checks in order, of which the first that objects decides.
public struct CertificatePolicy: Sendable {
  /// What a check sees.
  struct Input {
    let request: CertificateRequest
    let secret: ObservedSecret?
    /// Who has to have issued the certificate, and what stands beside it; nil for the authority's own.
    let trust: Trust?
    let now: Date
  }

  typealias Check = @Sendable (Input) -> IssuanceReason?

  /// Checks in order: later ones rely on what earlier ones have ruled out.
  static let checks: [Check] = [
    isMissing, isIncomplete, isUnreadable, isMismatched, isExpired, isOfTheFuture, isFromAnotherAuthority,
    hasOtherNames, hasAnotherKey, hasAnotherLifetime, isRotationAskedFor, isRenewalDue, isAuthorityRenewalDue,
    trustsOthers,
  ]

  /// When a certificate is to be renewed, in whole seconds: X.509 and Kubernetes both store these, and a stored time has to
  /// compare equal to a computed one.
  ///
  /// Certificates that were made together are renewed one after the other, over a tenth of the time that is left then.
  public static func renewalTime(of certificate: Certificate, renewBefore: Duration?) -> Date {
    let before = renewBefore.map { Double($0.components.seconds) } ?? certificate.lifetime / 3
    let spread = before / 10 * fraction(of: certificate)
    return Date(timeIntervalSince1970: (certificate.notAfter.timeIntervalSince1970 - before + spread).rounded(.down))
  }

  /// From 0 to 1, evenly and always the same for one certificate: its serial number is random.
  private static func fraction(of certificate: Certificate) -> Double {
    let digits = certificate.serialNumber.suffix(8)
    return (UInt32(digits, radix: 16).map(Double.init) ?? 0) / Double(UInt32.max)
  }

  private static let isMissing: Check = { input in
    input.secret == nil ? IssuanceReason(.missing, "there is none yet") : nil
  }

  private static let isIncomplete: Check = { input in
    guard case .incomplete(let missing) = input.secret?.contents else { return nil }
    return IssuanceReason(.incomplete, "the Secret lacks \(missing.joined(separator: ", "))")
  }

  private static let isUnreadable: Check = { input in
    guard case .unreadable(let problem) = input.secret?.contents else { return nil }
    return IssuanceReason(.unreadable, problem)
  }

  private static let isMismatched: Check = { input in
    guard case .mismatched = input.secret?.contents else { return nil }
    return IssuanceReason(.keyMismatch, "the private key is not the certificate's")
  }

  private static let isExpired: Check = { input in
    guard let certificate = input.contents?.certificate, certificate.notAfter <= input.now else { return nil }
    return IssuanceReason(.expired, "the certificate expired at \(certificate.notAfter.kubernetesTime)")
  }

  /// As a clock that went ahead leaves one, once it is set right.
  private static let isOfTheFuture: Check = { input in
    guard let certificate = input.contents?.certificate, certificate.notBefore > input.now else { return nil }
    return IssuanceReason(
      .notYetValid,
      "the certificate is not valid before \(certificate.notBefore.kubernetesTime)",
      keeps: .key
    )
  }

  private static let isFromAnotherAuthority: Check = { input in
    guard let trust = input.trust, let contents = input.contents, !trust.isFromIssuer(contents) else { return nil }
    return IssuanceReason(.authorityChanged, "the certificate is not from the present authority", keeps: .key)
  }

  private static let hasOtherNames: Check = { input in
    guard let certificate = input.contents?.certificate, input.request.role != .authority else { return nil }
    let request = input.request
    let names = (certificate.dnsNames.map { $0.lowercased() }, request.dnsNames.map { $0.lowercased() })
    var changes = differences("dnsNames", from: names.0, to: names.1)
    changes += differences("ipAddresses", from: certificate.ipAddresses, to: request.ipAddresses)
    if certificate.subject != request.subject { changes.append("the subject is now \(request.subject)") }
    return changes.isEmpty
      ? nil : IssuanceReason(.namesChanged, changes.joined(separator: "; "), keeps: .key)
  }

  private static func differences(_ field: String, from present: [String], to wanted: [String]) -> [String] {
    let added = Set(wanted).subtracting(present).sorted()
    let removed = Set(present).subtracting(wanted).sorted()
    return [("added", added), ("removed", removed)].compactMap { verb, names in
      names.isEmpty ? nil : "\(field) \(verb) \(names.joined(separator: ", "))"
    }
  }

  private static let hasAnotherKey: Check = { input in
    guard let certificate = input.contents?.certificate, input.request.role != .authority,
      certificate.publicKeyAlgorithm != input.request.algorithm
    else { return nil }
    return IssuanceReason(.keyChanged, "the private key shall be \(input.request.algorithm)")
  }

  private static let hasAnotherLifetime: Check = { input in
    guard let certificate = input.contents?.certificate, let issuer = input.trust?.issuer else { return nil }
    // A leaf never outlives its authority.
    guard certificate.notAfter < issuer.notAfter else { return nil }
    let wanted = input.request.validity(from: certificate.notBefore)
    guard certificate.lifetime != wanted.notAfter.timeIntervalSince(wanted.notBefore) else { return nil }
    return IssuanceReason(
      .durationChanged,
      "its lifetime shall be \(input.request.duration.kubernetes)",
      keeps: .key
    )
  }

  private static let isRotationAskedFor: Check = { input in
    guard let asked = input.request.rotation, asked != input.secret?.rotation, input.request.role != .authority else {
      return nil
    }
    return IssuanceReason(.rotationRequested, "asked for by annotation \(Names.rotateAnnotation)")
  }

  private static let isRenewalDue: Check = { input in
    guard let certificate = input.contents?.certificate, let issuer = input.trust?.issuer else { return nil }
    let renewal = renewalTime(of: certificate, renewBefore: input.request.renewBefore)
    // A leaf never outlives its authority: where that ends first, a new leaf would end at the same time and be due at once.
    guard renewal <= input.now, certificate.notAfter < issuer.notAfter else { return nil }
    return IssuanceReason(.renewalDue, "the certificate ends at \(certificate.notAfter.kubernetesTime)")
  }

  /// Where the steps of a replacement do not fit into the time that an authority has left, it gets a new certificate for its old key,
  /// which all that trust the old one go on with.
  private static let isAuthorityRenewalDue: Check = { input in
    guard let certificate = input.contents?.certificate, input.request.role == .authority,
      input.now >= input.request.sameKeyRenewalTime(of: certificate)
    else { return nil }
    return IssuanceReason(
      .renewalDue,
      "the authority ends at \(certificate.notAfter.kubernetesTime), too soon to be replaced; its key stays",
      keeps: .key
    )
  }

  private static let trustsOthers: Check = { input in
    guard let trusted = input.trust?.trusted, let contents = input.contents, contents.authorities != trusted else {
      return nil
    }
    let names = trusted.map { $0.subject.commonName.isEmpty ? "\($0.subject)" : $0.subject.commonName }
    return IssuanceReason(
      .trustChanged,
      "it is to hold \(names.joined(separator: " and "))",
      keeps: .certificate
    )
  }
}

extension CertificateRequest {
  /// The first objection of the policy's checks to a Secret; nil where it holds what is requested.
  /// - Parameters:
  ///   - secret: nil where there is none.
  ///   - trust: who has to have issued the certificate, and what stands beside it; nil for an authority's own.
  public func objection(to secret: ObservedSecret?, trust: Trust?, now: Date) -> IssuanceReason? {
    let input = CertificatePolicy.Input(request: self, secret: secret, trust: trust, now: now)
    let isKept = input.isKept
    for check in CertificatePolicy.checks {
      guard var reason = check(input), !isKept || reason.isAboutFormerAuthorities else { continue }
      if reason.keeps == .key, !input.mayKeepKey { reason.keeps = .nothing }
      return reason
    }
    return nil
  }

  /// When an authority gets a new certificate for its old key: in its last tenth, or, where two overlaps and a tenth of its lifetime are more
  /// than is left when it is due, then.
  func sameKeyRenewalTime(of certificate: Certificate) -> Date {
    let due = CertificatePolicy.renewalTime(of: certificate, renewBefore: nil)
    let needed = 2 * Double(overlap.components.seconds) + certificate.lifetime / 10
    return certificate.notAfter.timeIntervalSince(due) < needed ? due : certificate.criticalTime
  }
}

extension CertificatePolicy.Input {
  /// Whether the certificate is of a former authority and stays for now.
  fileprivate var isKept: Bool {
    guard let trust, let contents else { return false }
    return trust.keeps(contents, now: now)
  }

  /// Changes may say nothing of the key; a renewal that is due, or asked for, comes with a new one.
  fileprivate var mayKeepKey: Bool {
    guard request.role != .authority else { return true }
    guard let certificate = contents?.certificate, certificate.publicKeyAlgorithm == request.algorithm,
      request.rotation == nil || request.rotation == secret?.rotation
    else { return false }
    return CertificatePolicy.renewalTime(of: certificate, renewBefore: request.renewBefore) > now
  }

  fileprivate var contents: ObservedSecret.CertificateContents? {
    guard case .certificate(let contents) = secret?.contents else { return nil }
    return contents
  }
}

extension Date {
  /// The time as Kubernetes writes it (RFC 3339, UTC, whole seconds).
  public var kubernetesTime: String {
    formatted(.iso8601)
  }
}
