/// A value that somebody wrote and that cannot be used: names the field and what is allowed there.
public struct FieldError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The field as its writer knows it: `spec.external.mode`, or an annotation's name.
  public let field: String
  /// What is wrong and what is allowed.
  public let problem: String

  public init(field: String, problem: String) {
    self.field = field
    self.problem = problem
  }

  public var description: String { "\(field): \(problem)" }
}
