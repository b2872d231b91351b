extension JSONValue {
  /// Parses one JSON document whose objects and lists may nest to any depth; what lies deeper than a limit is read as `null`.
  ///
  /// For documents that strangers write: Foundation's parser refuses those of more than 512 levels whole.
  /// - Parameters:
  ///   - text: UTF-8 bytes of a whole document.
  ///   - depth: levels that are kept, at most 500.
  /// - Throws: `JSONParsingError`.
  public init(parsing text: [UInt8], cutBelow depth: Int) throws {
    try self.init(parsing: Self.cut(text, below: depth) ?? text)
  }

  /// The text with everything below a depth replaced by `null`; nil where nothing lies so deep.
  private static func cut(_ text: [UInt8], below limit: Int) -> [UInt8]? {
    var depth = 0
    var isString = false
    var isEscaped = false
    var result: [UInt8]?
    // Where the part begins that goes into the result next.
    var start = 0
    for (index, byte) in text.enumerated() {
      if isString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        if depth == limit + 1 { result = (result ?? []) + text[start..<index] + Array("null".utf8) }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == limit + 1 { start = index + 1 }
        depth -= 1
      default: break
      }
    }
    return result.map { $0 + text[start...] }
  }
}
