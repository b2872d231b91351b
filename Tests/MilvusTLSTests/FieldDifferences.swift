import JSON

/// Two values compared field by field, for people.
enum FieldDifferences {
  /// - Returns: a line for each field that differs: its path, what was expected and what is there.
  static func between(_ expected: JSONValue?, _ actual: JSONValue?, at path: String = "") -> [String] {
    guard expected != actual else { return [] }
    switch (expected, actual) {
    case (.object(let old), .object(let new)):
      return Set(old.keys).union(new.keys).sorted().flatMap { key in
        between(old[key], new[key], at: path.isEmpty ? key : "\(path).\(key)")
      }
    case (.array(let old), .array(let new)):
      return (0..<max(old.count, new.count)).flatMap { index in
        between(
          old.indices.contains(index) ? old[index] : nil,
          new.indices.contains(index) ? new[index] : nil,
          at: "\(path)[\(index)]"
        )
      }
    default:
      return ["\(path): expected \(expected?.description ?? "nothing"), is \(actual?.description ?? "missing")"]
    }
  }
}
