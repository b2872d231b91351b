/// A position in the text; line and column count from 1.
struct Mark: Equatable {
  var line: Int
  var column: Int

  func error(_ message: String) -> YAMLError {
    YAMLError(message: message, line: line, column: column)
  }
}

/// A parser event, copied from libyaml's memory.
struct Event {
  struct Scalar {
    var text: String
    /// Written without quotes and not as a block.
    var isPlain: Bool
  }

  enum Kind {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias(String)
    case scalar(Scalar)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
  }

  var kind: Kind
  var mark: Mark
  var anchor: String?
  var tag: String?
}
