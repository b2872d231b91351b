/// An invalid maintenance window: the field and what is wrong with it.
public struct ScheduleError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A field of a maintenance window, named as in the resource.
  public enum Field: String, Sendable {
    case schedule, duration, timeZone
  }

  public let field: Field
  /// What is wrong and what is allowed, for the author of the window.
  public let problem: String

  init(_ field: Field, _ problem: String) {
    self.field = field
    self.problem = problem
  }

  public var description: String { "\(field.rawValue): \(problem)" }
}

extension StringProtocol {
  /// The text in quotes for a message, on one line and truncated.
  var quoted: String {
    let limit = 64
    return String(reflecting: count > limit ? prefix(limit) + "…" : String(self))
  }
}
