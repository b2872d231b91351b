/// Why a certificate has to be issued.
public struct IssuanceReason: Sendable, Equatable, CustomStringConvertible {
  /// One word, for events and logs.
  public enum Reason: String, Sendable {
    case missing = "Missing"
    case incomplete = "Incomplete"
    case unreadable = "Unreadable"
    case keyMismatch = "KeyMismatch"
    case expired = "Expired"
    case notYetValid = "NotYetValid"
    case authorityChanged = "AuthorityChanged"
    case namesChanged = "NamesChanged"
    case keyChanged = "KeyChanged"
    case durationChanged = "DurationChanged"
    case rotationRequested = "RotationRequested"
    case renewalDue = "RenewalDue"
    case trustChanged = "TrustChanged"
  }

  /// What of the old contents stays.
  public enum Kept: Sendable {
    case nothing
    /// The private key: what changed says nothing of it.
    case key
    /// Certificate and key: only `ca.pem` changes.
    case certificate
  }

  public let reason: Reason
  /// The same for people.
  public let message: String
  public internal(set) var keeps: Kept

  init(_ reason: Reason, _ message: String, keeps: Kept = .nothing) {
    (self.reason, self.message, self.keeps) = (reason, message, keeps)
  }

  public var description: String { "\(reason.rawValue): \(message)" }

  /// Whether what is there cannot serve: it is mended whatever else goes on.
  var isDamage: Bool {
    switch reason {
    case .missing, .incomplete, .unreadable, .keyMismatch, .expired, .notYetValid: true
    default: false
    }
  }

  /// Whether it matters for a certificate of a former authority that stays for now.
  var isAboutFormerAuthorities: Bool { isDamage || reason == .trustChanged }
}
