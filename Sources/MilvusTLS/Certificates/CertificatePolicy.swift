import Foundation
import PKI

/// Why a certificate has to be issued.
public struct IssuanceReason: Sendable, Equatable, CustomStringConvertible {
  /// One word in CamelCase, for events.
  public let reason: String
  /// The same for people.
  public let message: String
  /// Whether the private key may stay: what changed says nothing of it.
  public internal(set) var keepsKey = false

  public var description: String { "\(reason): \(message)" }
}

/// Whether a Secret's certificate has to be issued anew: named checks in order, of which the first that objects decides.
public struct CertificatePolicy: Sendable {
  /// What a check sees.
  struct Input {
    let request: CertificateRequest
    let secret: ObservedSecret?
    /// The authority that has to have issued the certificate; nil for the authority's own.
    let authority: Certificate?
    let now: Date
  }

  typealias Check = @Sendable (Input) -> IssuanceReason?

  /// Checks in order: later ones rely on what earlier ones have ruled out.
  static let checks: [Check] = [
    isMissing, isIncomplete, isUnreadable, isMismatched, isFromAnotherAuthority, hasOtherNames, hasAnotherKey,
    hasAnotherLifetime, isExpired, isRenewalDue, isRotationAskedFor,
  ]

  /// When a certificate is to be renewed, in whole seconds: X.509 and Kubernetes both store these, and a stored time has to
  /// compare equal to a computed one.
  ///
  /// Certificates that were made together are renewed one after the other, over a tenth of the time that is left then.
  public static func renewalTime(of certificate: Certificate, renewBefore: Duration?) -> Date {
    let lifetime = certificate.notAfter.timeIntervalSince(certificate.notBefore)
    let before = renewBefore.map { Double($0.components.seconds) } ?? lifetime / 3
    let spread = before / 10 * fraction(of: certificate)
    return Date(timeIntervalSince1970: (certificate.notAfter.timeIntervalSince1970 - before + spread).rounded(.down))
  }

  /// From 0 to 1, evenly and always the same for one certificate: its serial number is random.
  private static func fraction(of certificate: Certificate) -> Double {
    let digits = certificate.serialNumber.suffix(8)
    return (UInt32(digits, radix: 16).map(Double.init) ?? 0) / Double(UInt32.max)
  }

  private static let isMissing: Check = { input in
    input.secret == nil
      ? IssuanceReason(reason: "Missing", message: "there is none yet") : nil
  }

  private static let isIncomplete: Check = { input in
    guard case .incomplete(let missing) = input.secret?.contents else { return nil }
    return IssuanceReason(
      reason: "Incomplete",
      message: "the Secret lacks \(missing.joined(separator: ", "))"
    )
  }

  private static let isUnreadable: Check = { input in
    guard case .unreadable(let problem) = input.secret?.contents else { return nil }
    return IssuanceReason(reason: "Unreadable", message: problem)
  }

  private static let isMismatched: Check = { input in
    guard case .mismatched = input.secret?.contents else { return nil }
    return IssuanceReason(
      reason: "KeyMismatch",
      message: "the private key is not the certificate's"
    )
  }

  private static let isFromAnotherAuthority: Check = { input in
    guard let authority = input.authority, let contents = input.contents else { return nil }
    guard contents.certificate.isIssued(by: authority), contents.authorities.contains(authority) else {
      return IssuanceReason(
        reason: "AuthorityChanged",
        message: "the certificate is not from the present authority"
      )
    }
    return nil
  }

  private static let hasOtherNames: Check = { input in
    guard let certificate = input.contents?.certificate, input.request.role != .authority else { return nil }
    let request = input.request
    let wanted = Set(request.dnsNames.map { $0.lowercased() } + request.ipAddresses)
    let present = Set(certificate.dnsNames.map { $0.lowercased() } + certificate.ipAddresses)
    var changes: [String] = []
    let added = wanted.subtracting(present).sorted()
    let removed = present.subtracting(wanted).sorted()
    if !added.isEmpty { changes.append("added \(added.joined(separator: ", "))") }
    if !removed.isEmpty { changes.append("removed \(removed.joined(separator: ", "))") }
    if certificate.subject != request.subject { changes.append("the subject is now \(request.subject)") }
    return changes.isEmpty
      ? nil : IssuanceReason(reason: "NamesChanged", message: "names changed: \(changes.joined(separator: "; "))")
  }

  private static let hasAnotherKey: Check = { input in
    guard let certificate = input.contents?.certificate, input.request.role != .authority,
      certificate.publicKeyAlgorithm != input.request.algorithm
    else { return nil }
    return IssuanceReason(reason: "KeyChanged", message: "the private key shall be \(input.request.algorithm)")
  }

  private static let hasAnotherLifetime: Check = { input in
    guard let certificate = input.contents?.certificate, let authority = input.authority else { return nil }
    // A leaf never outlives its authority.
    guard certificate.notAfter < authority.notAfter else { return nil }
    let wanted = Validity(from: certificate.notBefore, duration: Double(input.request.duration.components.seconds))
    let lifetime = certificate.notAfter.timeIntervalSince(certificate.notBefore)
    guard lifetime != wanted.notAfter.timeIntervalSince(wanted.notBefore) else { return nil }
    return IssuanceReason(
      reason: "DurationChanged",
      message: "its lifetime shall be \(input.request.duration.kubernetes)"
    )
  }

  private static let isRotationAskedFor: Check = { input in
    guard let asked = input.request.rotation, asked != input.secret?.rotation else { return nil }
    return IssuanceReason(reason: "RotationRequested", message: "asked for by annotation \(Names.rotateAnnotation)")
  }

  private static let isExpired: Check = { input in
    guard let certificate = input.contents?.certificate, certificate.notAfter <= input.now else { return nil }
    return IssuanceReason(
      reason: "Expired",
      message: "the certificate expired at \(certificate.notAfter.kubernetesTime)"
    )
  }

  private static let isRenewalDue: Check = { input in
    // An authority is renewed together with all it has issued, which a leaf's rules do not cover.
    guard let certificate = input.contents?.certificate, input.request.role != .authority else { return nil }
    let renewal = renewalTime(of: certificate, renewBefore: input.request.renewBefore)
    // A leaf never outlives its authority: where that ends first, a new leaf would end at the same time and be due at once.
    guard renewal <= input.now, certificate.notAfter < input.authority?.notAfter ?? .distantFuture else { return nil }
    return IssuanceReason(
      reason: "RenewalDue",
      message: "the certificate ends at \(certificate.notAfter.kubernetesTime)"
    )
  }
}

extension CertificateRequest {
  /// The first objection of the policy's checks to a Secret; nil where it holds what is requested.
  /// - Parameters:
  ///   - secret: nil where there is none.
  ///   - authority: the authority that has to have issued the certificate; nil for an authority's own.
  public func objection(to secret: ObservedSecret?, authority: Certificate?, now: Date) -> IssuanceReason? {
    let input = CertificatePolicy.Input(request: self, secret: secret, authority: authority, now: now)
    for check in CertificatePolicy.checks {
      guard var reason = check(input) else { continue }
      reason.keepsKey = input.keepsKey(for: reason)
      return reason
    }
    return nil
  }
}

extension CertificatePolicy.Input {
  /// Changes that say nothing of the key; a renewal that is due, or asked for, comes with a new one.
  fileprivate func keepsKey(for reason: IssuanceReason) -> Bool {
    guard ["AuthorityChanged", "NamesChanged", "DurationChanged"].contains(reason.reason),
      let certificate = contents?.certificate, certificate.publicKeyAlgorithm == request.algorithm,
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
