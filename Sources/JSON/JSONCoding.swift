import Foundation

/// Text that is not valid JSON, with the parser's reason.
public struct JSONParsingError: Error, CustomStringConvertible, Equatable {
  /// What is wrong and where, from the parser.
  public let reason: String

  public var description: String { "invalid JSON: \(reason)" }
}

extension JSONValue {
  /// Parses one JSON document (RFC 8259).
  /// - Parameter text: UTF-8 bytes of a whole document. Documents nested deeper than 512 levels are rejected.
  /// - Throws: `JSONParsingError`.
  public init(parsing text: some Sequence<UInt8>) throws {
    self = try Self.parse(text, limit: 512, excess: .error)
  }

  /// Parses one JSON document nested to any depth. Anything deeper than the limit is read as `null`.
  ///
  /// For documents from untrusted writers, who could have them rejected as a whole by their depth.
  /// - Parameters:
  ///   - text: UTF-8 bytes of a whole document.
  ///   - depth: number of levels to keep, at most 500.
  /// - Throws: `JSONParsingError`.
  public init(parsing text: some Sequence<UInt8>, cutBelow depth: Int) throws {
    self = try Self.parse(text, limit: depth, excess: .null)
  }

  /// Parses one JSON document (RFC 8259).
  /// - Throws: `JSONParsingError`.
  public init(parsing text: String) throws {
    try self.init(parsing: text.utf8)
  }

  private static func parse(
    _ text: some Sequence<UInt8>,
    limit: Int,
    excess: JSONParser.Excess
  ) throws -> JSONValue {
    func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws -> JSONValue {
      var parser = JSONParser(bytes, limit: limit, excess: excess)
      return try parser.document()
    }
    return try text.withContiguousStorageIfAvailable(parse) ?? Array(text).withUnsafeBufferPointer(parse)
  }

  /// The document as compact JSON with sorted keys: equal values have equal bytes.
  /// - Parameter pretty: two-space indentation and line breaks.
  public func serialized(pretty: Bool = false) -> Data {
    var text = ""
    write(to: &text, indent: pretty ? 0 : nil)
    return Data(text.utf8)
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .double(let value): text += value.isFinite ? String(value) : "null"
    case .string(let value): JSONValue.write(value, to: &text)
    case .array(let elements):
      JSONValue.writeList(elements, between: ("[", "]"), to: &text, indent: indent) { element, text, indent in
        element.write(to: &text, indent: indent)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key < $1.key }
      JSONValue.writeList(sorted, between: ("{", "}"), to: &text, indent: indent) { member, text, indent in
        JSONValue.write(member.key, to: &text)
        text += indent == nil ? ":" : ": "
        member.value.write(to: &text, indent: indent)
      }
    }
  }

  private static func writeList<Item>(
    _ items: [Item],
    between brackets: (String, String),
    to text: inout String,
    indent: Int?,
    item write: (Item, inout String, Int?) -> Void
  ) {
    text += brackets.0
    let inner = indent.map { $0 + 2 }
    for (index, item) in items.enumerated() {
      if index > 0 { text += "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      write(item, &text, inner)
    }
    if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
    text += brackets.1
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}":
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue: CustomStringConvertible {
  public var description: String { String(decoding: serialized(), as: UTF8.self) }
}
