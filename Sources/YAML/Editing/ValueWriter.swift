import JSON

/// Writes new values in the style of what is around them.
struct ValueWriter {
  /// The quotes that strings get where they need none.
  enum Quotes {
    case none, single, double
  }

  /// Columns that a level of mappings is indented by.
  var step: Int
  /// Columns between a key and the dashes of its sequence.
  var dashOffset: Int
  /// Names of members in the order in which they are written; all others follow by the alphabet.
  var keyOrder: [String]
  /// Whether names and strings in flow style are quoted, as in JSON.
  var isQuoted = false

  func sorted(_ names: some Sequence<String>) -> [String] {
    names.map { (keyOrder.firstIndex(of: $0) ?? keyOrder.count, $0) }.sorted { $0 < $1 }.map(\.1)
  }

  // MARK: Block style

  /// The lines of a mapping's members.
  func lines(_ members: [String: JSONValue], at indentation: Int) -> [String] {
    sorted(members.keys).flatMap { name in
      let key = String(repeating: " ", count: indentation) + scalar(.string(name), isFlow: false) + ":"
      return lines(members[name] ?? .null, after: key, at: indentation)
    }
  }

  /// The lines of a sequence's elements.
  /// - Parameter indentation: of the dashes.
  func lines(_ elements: [JSONValue], at indentation: Int, quotes: Quotes = .none) -> [String] {
    let margin = String(repeating: " ", count: indentation)
    return elements.flatMap { element -> [String] in
      guard case .object(let members) = element, !members.isEmpty else {
        return [margin + "- " + inline(element, quotes: quotes)]
      }
      var lines = lines(members, at: indentation + 2)
      lines[0] = margin + "- " + lines[0].dropFirst(indentation + 2)
      return lines
    }
  }

  /// The lines of a value after its key.
  func lines(_ value: JSONValue, after key: String, at indentation: Int) -> [String] {
    switch value {
    case .object(let members) where !members.isEmpty: [key] + lines(members, at: indentation + step)
    case .array(let elements) where !elements.isEmpty: [key] + lines(elements, at: indentation + dashOffset)
    case .string(let text) where Self.isLiteral(text): literal(text, after: key, at: indentation + step)
    default: [key + " " + inline(value)]
    }
  }

  private static func isLiteral(_ text: String) -> Bool {
    let isPrintable = text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control }
    return text.contains("\n") && !text.hasPrefix(" ") && !text.hasPrefix("\n") && isPrintable
  }

  private func literal(_ text: String, after key: String, at indentation: Int) -> [String] {
    let margin = String(repeating: " ", count: indentation)
    let chomping = !text.hasSuffix("\n") ? "-" : text.hasSuffix("\n\n") ? "+" : ""
    let content = text.hasSuffix("\n") ? text.dropLast() : text[...]
    let lines = content.split(separator: "\n", omittingEmptySubsequences: false)
    return [key + " |" + chomping] + lines.map { $0.isEmpty ? "" : margin + $0 }
  }

  private func inline(_ value: JSONValue, quotes: Quotes = .none) -> String {
    switch value {
    case .object, .array: flow(value)
    default: scalar(value, isFlow: false, quotes: quotes)
    }
  }

  // MARK: Flow style

  func flow(_ value: JSONValue) -> String {
    switch value {
    case .object(let members): "{" + flow(members).joined(separator: ", ") + "}"
    case .array(let elements): "[" + elements.map { flow($0) }.joined(separator: ", ") + "]"
    default: scalar(value, isFlow: true, quotes: isQuoted ? .double : .none)
    }
  }

  /// Each member of a mapping.
  func flow(_ members: [String: JSONValue]) -> [String] {
    sorted(members.keys).map { flow(.string($0)) + ": " + flow(members[$0] ?? .null) }
  }

  // MARK: Scalars

  func scalar(_ value: JSONValue, isFlow: Bool, quotes: Quotes = .none) -> String {
    guard case .string(let text) = value else { return value.description }
    switch quotes {
    case .none where Self.isPlain(text, isFlow: isFlow): return text
    case .single where text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }:
      return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    // A JSON string is one of YAML as well.
    default: return value.description
    }
  }

  /// Whether a string means itself without quotes (YAML 1.2, section 7.3.3).
  private static func isPlain(_ text: String, isFlow: Bool) -> Bool {
    guard let first = text.first, !PlainScalar.needsQuotes(text) else { return false }
    let indicators = "-?:,[]{}#&*!|>'\"%@` "
    return !indicators.contains(first) && !text.hasSuffix(" ") && !text.hasSuffix(":")
      && !text.contains(": ") && !text.contains(" #")
      && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
      && !(isFlow && text.contains { ",[]{}".contains($0) })
  }
}
