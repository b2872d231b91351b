/// What a check of the certificate policy found: why a Secret is written, what of it stays, and when its pods may be
/// restarted.
public struct CertificateViolation: Sendable, Equatable, CustomStringConvertible {
  /// One word, for events and logs.
  public enum Reason: String, Sendable {
    /// The Secret does not exist.
    case missing = "Missing"
    /// The Secret lacks entries.
    case incomplete = "Incomplete"
    /// A certificate or key does not parse.
    case unreadable = "Unreadable"
    /// The private key is not the certificate's.
    case keyMismatch = "KeyMismatch"
    /// The certificate has expired.
    case expired = "Expired"
    /// The certificate was issued while the operator's clock was ahead.
    case notYetValid = "NotYetValid"
    /// Another CA than the present one issued the certificate.
    case authorityChanged = "AuthorityChanged"
    /// Names, addresses or subject differ from the specified ones.
    case namesChanged = "NamesChanged"
    /// The key algorithm differs from the specified one.
    case keyChanged = "KeyChanged"
    /// The lifetime differs from the specified one.
    case durationChanged = "DurationChanged"
    /// Somebody requested a rotation.
    case rotationRequested = "RotationRequested"
    /// The renewal time has come.
    case renewalDue = "RenewalDue"
    /// `ca.pem` has to hold other CAs.
    case trustChanged = "TrustChanged"
    /// `ca.pem` holds a CA that the operator did not write.
    case bundleTampered = "BundleTampered"
  }

  /// What of the old contents stays.
  public enum Kept: Sendable {
    case nothing
    /// The private key: the change is not about it.
    case key
    /// Certificate and key: only `ca.pem` changes.
    case certificate
  }

  /// When the Secret may be written, and so the pods be restarted.
  public enum Timing: Sendable {
    /// At once and in any state: what is there cannot serve.
    case damage
    /// At once: a person changed the specification, or a restart is not needed.
    case immediate
    /// When no rollout is under way, inside a window or not: a person requested it.
    case requested
    /// When no rollout is under way and a window is open.
    case scheduled
    /// As `scheduled`, and for a few Milvus at a time: a new version of the operator changed its defaults.
    case gradual
  }

  public let reason: Reason
  /// The same for people.
  public let message: String
  public internal(set) var keeps: Kept
  public internal(set) var timing: Timing

  init(_ reason: Reason, _ message: String, keeps: Kept = .nothing, _ timing: Timing) {
    (self.reason, self.message, self.keeps, self.timing) = (reason, message, keeps, timing)
  }

  public var description: String { "\(reason.rawValue): \(message)" }

  /// Whether it also counts for a certificate of the former CA that stays during a CA rotation.
  var appliesToFormerLeaves: Bool { timing == .damage || keeps == .certificate }
}
