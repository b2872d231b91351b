import JSON

/// An entry of `ports` (https://docs.docker.com/reference/compose-file/services/#ports).
struct ComposePort {
  private let entry: JSONValue
  /// The parts of the short form, `127.0.0.1:19530:19530`.
  private let parts: [String]

  init(_ entry: JSONValue) {
    self.entry = entry
    let text = entry.string ?? entry.integer.map(String.init) ?? ""
    parts = text.split(separator: "/")[...].first.map(String.init).map(Self.parts) ?? []
  }

  /// Splits at colons outside of `${...}`.
  static func parts(_ text: String) -> [String] {
    var (parts, depth) = ([""], 0)
    for character in text {
      if character == "{" { depth += 1 } else if character == "}" { depth -= 1 }
      if character == ":", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts
  }

  /// The ports of the container; nil where they cannot be told.
  var container: ClosedRange<Int>? { Self.range(entry["target"]) ?? parts.last.flatMap(Self.range) }

  /// The same on the host; nil also where Docker chooses them.
  var host: ClosedRange<Int>? {
    if entry.object != nil { return Self.range(entry["published"]) }
    return parts.count > 1 ? Self.range(parts[parts.count - 2]) : nil
  }

  private static func range(_ value: JSONValue?) -> ClosedRange<Int>? {
    value?.integer.map { $0...$0 } ?? value?.string.flatMap(range)
  }

  /// `8080` or `8000-8080`, also as the default of a variable: `${PORT:-8080}`.
  private static func range(_ text: String) -> ClosedRange<Int>? {
    var text = text[...]
    if text.hasPrefix("${"), text.hasSuffix("}"), let value = text.firstRange(of: "-") {
      text = text[value.upperBound...].dropLast()
    }
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count < 3, first <= last else {
      return nil
    }
    return first...last
  }

  /// The same for another port.
  func moved(to port: Int) -> JSONValue {
    if entry.object != nil {
      var moved = entry
      moved["target"] = .integer(port)
      if let published = entry["published"] {
        moved["published"] = published.string == nil ? .integer(port) : .string("\(port)")
      }
      moved["name"] = entry["name"] == nil ? nil : "rest"
      return moved
    }
    guard parts.count > 1 else { return entry.string == nil ? .integer(port) : .string("\(port)") }
    return .string((parts.dropLast(2) + ["\(port)", "\(port)"]).joined(separator: ":"))
  }
}
