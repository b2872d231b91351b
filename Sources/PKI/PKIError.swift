/// What went wrong with a key, a name or a certificate.
///
/// Never holds key material.
public struct PKIError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was being done: `read a private key`.
  public let operation: String
  /// Why it failed: the rule that the input breaks, or the text of OpenSSL's error queue.
  public let reason: String

  /// An error of one operation.
  public init(operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }

  /// `operation: reason`, on one line.
  public var description: String { "\(operation): \(reason)" }
}
