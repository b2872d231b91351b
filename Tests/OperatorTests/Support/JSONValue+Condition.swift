import JSON

extension JSONValue {
  /// The condition of a type in a status.
  func condition(_ type: String) -> JSONValue? {
    self["conditions"]?.array?.first { $0["type"]?.string == type }
  }
}
