import JSON

/// A JSON patch (RFC 6902): operations applied in order, all or none.
struct JSONPatch: Sendable {
  private let operations: [JSONValue]

  /// - Throws: `ServerStatus` if the document is not an array.
  init(_ document: JSONValue) throws {
    guard let operations = document.array else {
      throw ServerStatus.badRequest(
        "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch"
      )
    }
    self.operations = operations
  }

  /// - Throws: `ServerStatus.unprocessable`, as the API server answers, if an operation cannot be applied.
  func applied(to document: JSONValue) throws -> JSONValue {
    try operations.reduce(document) { try Self.apply($1, to: $0) }
  }

  private static func apply(_ operation: JSONValue, to document: JSONValue) throws -> JSONValue {
    let path = try pointer(operation["path"])
    switch operation["op"]?.string {
    case "add": return try adding(try value(operation), at: path, in: document)
    case "remove": return try removing(path, from: document)
    case "replace":
      guard document[JSONPointer(path)] != nil else { throw ServerStatus.unprocessable }
      return try adding(try value(operation), at: path, in: try removing(path, from: document))
    case "move":
      let from = try pointer(operation["from"])
      let moved = try existing(from, in: document)
      return try adding(moved, at: path, in: try removing(from, from: document))
    case "copy":
      return try adding(try existing(try pointer(operation["from"]), in: document), at: path, in: document)
    case "test":
      guard document[JSONPointer(path)] ?? .null == operation["value"] ?? .null else {
        throw ServerStatus.unprocessable
      }
      return document
    default: throw ServerStatus.unprocessable
    }
  }

  private static func pointer(_ text: JSONValue?) throws -> [String] {
    guard let text = text?.string, let pointer = JSONPointer(parsing: text) else { throw ServerStatus.unprocessable }
    return pointer.tokens
  }

  private static func value(_ operation: JSONValue) throws -> JSONValue {
    guard let value = operation["value"] else { throw ServerStatus.unprocessable }
    return value
  }

  private static func existing(_ path: [String], in document: JSONValue) throws -> JSONValue {
    guard let value = document[JSONPointer(path)] else { throw ServerStatus.unprocessable }
    return value
  }

  private static func adding(_ value: JSONValue, at path: [String], in document: JSONValue) throws -> JSONValue {
    guard let last = path.last else { return value }
    return try changingParent(of: path, in: document) { parent in
      switch parent {
      case .object(var members):
        members[last] = value
        parent = .object(members)
      case .array(var elements):
        let index = last == "-" ? elements.count : Int(last) ?? -1
        guard (0...elements.count).contains(index) else { throw ServerStatus.unprocessable }
        elements.insert(value, at: index)
        parent = .array(elements)
      default: throw ServerStatus.unprocessable
      }
    }
  }

  private static func removing(_ path: [String], from document: JSONValue) throws -> JSONValue {
    guard let last = path.last else { return .null }
    return try changingParent(of: path, in: document) { parent in
      switch parent {
      case .object(var members):
        guard members.removeValue(forKey: last) != nil else { throw ServerStatus.unprocessable }
        parent = .object(members)
      case .array(var elements):
        guard let index = Int(last), elements.indices.contains(index) else { throw ServerStatus.unprocessable }
        elements.remove(at: index)
        parent = .array(elements)
      default: throw ServerStatus.unprocessable
      }
    }
  }

  private static func changingParent(
    of path: [String],
    in document: JSONValue,
    _ change: (inout JSONValue) throws -> Void
  ) throws -> JSONValue {
    let pointer = JSONPointer(Array(path.dropLast()))
    guard var parent = document[pointer] else { throw ServerStatus.unprocessable }
    try change(&parent)
    var result = document
    result[pointer] = parent
    return result
  }
}
