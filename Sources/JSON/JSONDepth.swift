extension JSONValue {
  /// Parses one JSON document nested to any depth. Anything deeper than the limit is read as `null`.
  ///
  /// For documents from untrusted writers: Foundation's parser rejects a document deeper than 512 levels as a whole.
  /// - Parameters:
  ///   - text: UTF-8 bytes of a whole document.
  ///   - depth: number of levels to keep, at most 500.
  /// - Throws: `JSONParsingError`.
  public init(parsing text: [UInt8], cutBelow depth: Int) throws {
    try self.init(parsing: Self.cut(text, below: depth) ?? text)
  }

  /// The text with everything below a depth replaced by `null`; nil if nothing is that deep.
  private static func cut(_ text: [UInt8], below limit: Int) -> [UInt8]? {
    var nesting = JSONNesting()
    var result: [UInt8]?
    // Start of the next part to copy to the result.
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
