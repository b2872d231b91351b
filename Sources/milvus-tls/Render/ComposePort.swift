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

  var container: Int? { entry["target"]?.integer ?? parts.last.flatMap { Int($0) } }

  var host: Int? {
    if let published = entry["published"] { return published.integer ?? published.string.flatMap { Int($0) } }
    return parts.count > 1 ? Int(parts[parts.count - 2]) : nil
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
