/// Thrown by a reconcile for an error that no retry is expected to mend, such as a specification that the server refuses.
///
/// The key is retried with a delay of its own, and takes nothing of the overall rate of retries.
public struct TerminalError: Error, CustomStringConvertible {
  /// The error itself.
  public let cause: any Error

  public init(_ cause: any Error) {
    self.cause = cause
  }

  public var description: String { "\(cause)" }
}
