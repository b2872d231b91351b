import JSON

/// Values as Milvus, a Go program, reads them from its configuration.
extension JSONValue {
  /// Whether Milvus reads two values alike: it takes `"1"` for 1 and `"true"` for true.
  func isEqualForMilvus(to other: JSONValue) -> Bool {
    if case .bool(let wanted) = other { return goBool == wanted }
    if case .integer(let wanted) = other { return goInt == wanted }
    return self == other || string == other.description || (string == nil && other.string == description)
  }

  /// What Go's `strconv.ParseBool` makes of a value's text.
  var goBool: Bool? {
    switch string ?? description {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }

  /// An integer, or a text that Go's `strconv.Atoi` takes for one.
  var goInt: Int? { integer ?? string.flatMap { Int($0) } }
}
