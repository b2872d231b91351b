/// A position in the text; line and column count from 1.
struct Mark: Equatable, Sendable {
  var line: Int
  var column: Int
  /// Unicode scalars before it, from the beginning of the text.
  var offset = 0

  func error(_ message: String) -> YAMLError {
    YAMLError(message: message, line: line, column: column)
  }
}

/// A parser event, copied from libyaml's memory.
struct Event {
  struct Scalar: Sendable {
    enum Style: Sendable {
      case plain, singleQuoted, doubleQuoted, literal, folded
    }

    var text: String
    var style: Style

    /// Written without quotes and not as a block.
    var isPlain: Bool { style == .plain }
  }

  enum Kind {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias(String)
    case scalar(Scalar)
    case sequenceStart(isFlow: Bool)
    case sequenceEnd
    case mappingStart(isFlow: Bool)
    case mappingEnd
  }

  var kind: Kind
  var mark: Mark
  /// Where it ends; for the start of a collection in block style, where its first element begins.
  var end: Mark
  var anchor: String?
  var tag: String?
}
