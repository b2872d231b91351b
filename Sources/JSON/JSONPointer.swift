/// A JSON pointer (RFC 6901): `/spec/config/tls`, with `~1` for a slash and `~0` for a tilde in a name.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// Member names or array indices, from the root.
  public let tokens: [String]

  /// A pointer from unescaped names.
  public init(_ tokens: [String]) {
    self.tokens = tokens
  }

  /// Parses RFC 6901 text; nil unless it is empty or starts with a slash.
  public init?(parsing text: String) {
    guard text.isEmpty || text.hasPrefix("/") else { return nil }
    tokens = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(Self.unescape)
  }

  /// A pointer literal. Text without a leading slash is a single name.
  public init(stringLiteral text: String) {
    self = JSONPointer(parsing: text) ?? JSONPointer([text])
  }

  /// The RFC 6901 text.
  public var description: String {
    tokens.map { "/" + Self.escape($0) }.joined()
  }

  /// The path in the notation of Kubernetes messages: `spec.config.tls`.
  public var fieldPath: String {
    tokens.joined(separator: ".")
  }

  /// The pointer extended by one token.
  public func appending(_ token: String) -> JSONPointer {
    JSONPointer(tokens + [token])
  }

  private static func escape(_ token: String) -> String {
    String(token.flatMap { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) })
  }

  private static func unescape(_ token: Substring) -> String {
    var result = ""
    var rest = token[...]
    while let first = rest.popFirst() {
      guard first == "~", let code = rest.first, code == "0" || code == "1" else {
        result.append(first)
        continue
      }
      rest.removeFirst()
      result.append(code == "0" ? "~" : "/")
    }
    return result
  }
}

extension JSONValue {
  /// The value at a pointer.
  ///
  /// Writing creates missing objects on the path. Nil removes the member. Array elements can be read and replaced but
  /// not added.
  public subscript(pointer: JSONPointer) -> JSONValue? {
    get { pointer.tokens.reduce(Optional(self)) { $0?.child($1) } }
    set { set(newValue, at: pointer.tokens[...]) }
  }

  private func child(_ token: String) -> JSONValue? {
    switch self {
    case .object(let members): members[token]
    case .array(let elements): Int(token).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
    default: nil
    }
  }

  private mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
    guard let first = path.first else {
      self = value ?? .null
      return
    }
    if case .array(var elements) = self {
      guard let index = Int(first), elements.indices.contains(index) else { return }
      elements[index].set(value, at: path.dropFirst())
      self = .array(elements)
      return
    }
    if path.count == 1 {
      self[first] = value
      return
    }
    guard value != nil || self[first] != nil else { return }
    var child = self[first] ?? .object([:])
    child.set(value, at: path.dropFirst())
    self[first] = child
  }
}
