/// Why Go's crypto/tls or crypto/x509 refuses a file, a key or a certificate.
public struct GoRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// A predicate, so that the name of the file can stand before it: `is encrypted; store it without a passphrase`.
  public let reason: String

  /// A refusal.
  public init(_ reason: String) { self.reason = reason }

  /// The reason.
  public var description: String { reason }
}
