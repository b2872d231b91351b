import Foundation
import PKI

/// Why a certificate has to be issued.
public struct IssuanceReason: Sendable, Equatable, CustomStringConvertible {
  /// One word in CamelCase, for events.
  public let reason: String
  /// The same for people.
  public let message: String

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
    isExpired, isRenewalDue,
  ]

  /// When a certificate is to be renewed, in whole seconds: X.509 and Kubernetes both store these, and a stored time has to
  /// compare equal to a computed one.
  public static func renewalTime(of certificate: Certificate, renewBefore: Duration?) -> Date {
    let lifetime = certificate.notAfter.timeIntervalSince(certificate.notBefore)
    let before = renewBefore.map { Double($0.components.seconds) } ?? lifetime / 3
    return Date(timeIntervalSince1970: (certificate.notAfter.timeIntervalSince1970 - before).rounded(.down))
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
      if let reason = check(input) { return reason }
    }
    return nil
  }
}

extension CertificatePolicy.Input {
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
