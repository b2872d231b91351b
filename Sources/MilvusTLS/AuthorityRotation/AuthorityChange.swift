import Foundation
import JSON
import PKI

/// A change of the authority's Secret that a CA rotation makes.
public enum AuthorityChange: Sendable, Equatable {
  /// Puts a new CA beside the present one.
  case introduce(DesiredCertificate, CertificateViolation)
  /// Has the CA that was introduced take over.
  case promote

  /// The merge patch of the Secret. New keys are made here, on their way into the Secret.
  /// - Parameter secret: the Secret as it is.
  /// - Throws: `PKIError` where the Secret does not hold what is needed, or a key cannot be made.
  public func patch(of secret: JSONValue, now: Date) throws -> JSONValue {
    switch self {
    case .introduce(let desired, let violation):
      try CertificateIssuer.introduction(of: desired, reason: violation.reason, now: now)
    case .promote: try CertificateIssuer.promotion(in: secret)
    }
  }

  /// Whether it issues a certificate, for which the clock has to be right.
  public var issues: Bool {
    switch self {
    case .introduce: true
    case .promote: false
    }
  }

  /// One word, for events.
  public var reason: String {
    switch self {
    case .introduce: "AuthorityIntroduced"
    case .promote: "AuthorityPromoted"
    }
  }

  /// The change for people.
  /// - Parameter secret: name of the Secret.
  public func message(_ secret: String) -> String {
    switch self {
    case .introduce(_, let violation): "CA rotation started with a new CA in Secret \(secret): \(violation.message)"
    case .promote: "The new CA in Secret \(secret) issues certificates from now on"
    }
  }
}
