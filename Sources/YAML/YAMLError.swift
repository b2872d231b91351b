/// Invalid YAML text and the position of the error.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, without the position.
  public let message: String
  /// The line, counted from 1; 0 if there is no text, as in serialization.
  public let line: Int
  /// The column in characters, counted from 1; 0 if there is no text.
  public let column: Int

  public init(message: String, line: Int, column: Int) {
    self.message = message
    self.line = line
    self.column = column
  }

  public var description: String {
    line > 0 ? "line \(line), column \(column): \(message)" : message
  }
}
