/// Error of an operation on a key, a name or a certificate.
///
/// Never contains key material.
public struct PKIError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The operation that failed: `read a private key`.
  public let operation: String
  /// Why it failed: the rule that the input violates, or the text of OpenSSL's error queue.
  public let reason: String

  /// An error of an operation.
  public init(operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }

  /// `operation: reason`, on one line.
  public var description: String { "\(operation): \(reason)" }
}
