/// Text that is no usable YAML, and where.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, without the place.
  public let message: String
  /// The line, counted from 1; 0 where there is no text to point at (serialization).
  public let line: Int
  /// The column in characters, counted from 1; 0 where there is no text to point at.
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
