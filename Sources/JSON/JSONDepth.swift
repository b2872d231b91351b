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
    var nesting = JSONNesting()
    var result: [UInt8]?
    // Where the part begins that goes into the result next.
    var start = 0
    for (index, byte) in text.enumerated() {
      let before = nesting.depth
      nesting.take(byte)
      if before == limit, nesting.depth == limit + 1 {
        result = (result ?? []) + text[start..<index] + Array("null".utf8)
      } else if before == limit + 1, nesting.depth == limit {
        start = index + 1
      }
    }
    return result.map { $0 + text[start...] }
  }
}
