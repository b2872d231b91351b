/// A maintenance window that cannot be: which field of it, and why.
public struct ScheduleError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A field of a maintenance window, named as in the resource.
  public enum Field: String, Sendable {
    case schedule, duration, timeZone
  }

  public let field: Field
  /// What is wrong and what is allowed, for the person who wrote it.
  public let problem: String

  init(_ field: Field, _ problem: String) {
    self.field = field
    self.problem = problem
  }

  public var description: String { "\(field.rawValue): \(problem)" }
}

extension StringProtocol {
  /// The text in quotes for a message: one line, and not a long one.
  var quoted: String {
    let limit = 64
    return String(reflecting: count > limit ? prefix(limit) + "…" : String(self))
  }
}
