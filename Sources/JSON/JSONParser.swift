/// Parses one JSON document (RFC 8259) in a single pass over its bytes.
///
/// It makes the values that are kept, and nothing else: no second tree, and no copy of a text without escapes.
struct JSONParser: ~Copyable {
  /// What becomes of values below the limit of depth.
  enum Excess {
    /// The document is rejected.
    case error
    /// They are read as `null`, however deep they are.
    case null
  }

  private let text: UnsafeBufferPointer<UInt8>
  private let limit: Int
  private let excess: Excess
  private var position = 0
  private var depth = 0

  /// - Parameters:
  ///   - text: UTF-8 bytes of the document, which outlive the parser.
  ///   - limit: number of levels to keep. Each takes some stack: at most 512.
  init(_ text: UnsafeBufferPointer<UInt8>, limit: Int, excess: Excess) {
    (self.text, self.limit, self.excess) = (text, limit, excess)
  }

  /// The document.
  /// - Throws: `JSONParsingError`.
  mutating func document() throws(JSONParsingError) -> JSONValue {
    let value = try value()
    skipSpace()
    guard position == text.count else { throw unexpected() }
    return value
  }

  private mutating func value() throws(JSONParsingError) -> JSONValue {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONParsingError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONParsingError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  // MARK: Objects and lists

  private mutating func nested(
    _ content: (inout JSONParser) throws(JSONParsingError) -> JSONValue
  ) throws(JSONParsingError) -> JSONValue {
    guard depth < limit else {
      guard excess == .null else { throw JSONParsingError(reason: "more than \(limit) levels at byte \(position)") }
      try skipNested()
      return .null
    }
    depth += 1
    position += 1
    let value = try content(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONParsingError) -> JSONValue {
    var members: [String: JSONValue] = [:]
    guard !takes(UInt8(ascii: "}")) else { return .object(members) }
    repeat {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw unexpected() }
      let key = try string()
      guard takes(UInt8(ascii: ":")) else { throw unexpected() }
      // Of a key that is there twice the last one counts, as in Go.
      members[key] = try value()
    } while takes(UInt8(ascii: ","))
    guard takes(UInt8(ascii: "}")) else { throw unexpected() }
    return .object(members)
  }

  private mutating func array() throws(JSONParsingError) -> JSONValue {
    var elements: [JSONValue] = []
    guard !takes(UInt8(ascii: "]")) else { return .array(elements) }
    repeat { elements.append(try value()) } while takes(UInt8(ascii: ","))
    guard takes(UInt8(ascii: "]")) else { throw unexpected() }
    return .array(elements)
  }

  /// Skips an object or a list by its brackets alone, without a stack.
  private mutating func skipNested() throws(JSONParsingError) {
    var nesting = JSONNesting()
    repeat {
      guard let byte = current else { throw unexpected() }
      nesting.take(byte)
      position += 1
    } while nesting.depth > 0
  }

  // MARK: Texts

  private mutating func string() throws(JSONParsingError) -> String {
    position += 1
    let start = position
    while let byte = current, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw unexpected() }
      guard byte != UInt8(ascii: "\\") else { return try escapedString(from: start) }
      position += 1
    }
    guard position < text.count else { throw unexpected() }
    defer { position += 1 }
    return try decoded(text[start..<position])
  }

  /// The rest of a text in which an escape has been met.
  private mutating func escapedString(from start: Int) throws(JSONParsingError) -> String {
    var bytes = Array(text[start..<position])
    while let byte = current, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw unexpected() }
      position += 1
      if byte == UInt8(ascii: "\\") { try takeEscape(into: &bytes) } else { bytes.append(byte) }
    }
    guard position < text.count else { throw unexpected() }
    position += 1
    return try decoded(bytes)
  }

  private mutating func takeEscape(into bytes: inout [UInt8]) throws(JSONParsingError) {
    guard let letter = current else { throw unexpected() }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"): bytes.append(contentsOf: try escapedScalar().utf8)
    default:
      position -= 1
      throw unexpected()
    }
  }

  /// The character of one `\uXXXX`, or of two that are a surrogate pair.
  private mutating func escapedScalar() throws(JSONParsingError) -> Character {
    let first = try codeUnit()
    var code = UInt32(first)
    if 0xD800..<0xDC00 ~= first, current == UInt8(ascii: "\\"), byte(after: 1) == UInt8(ascii: "u") {
      position += 2
      let second = try codeUnit()
      guard 0xDC00..<0xE000 ~= second else {
        throw JSONParsingError(reason: "half a surrogate pair at byte \(position)")
      }
      code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw JSONParsingError(reason: "half a surrogate pair at byte \(position)")
    }
    return Character(scalar)
  }

  private mutating func codeUnit() throws(JSONParsingError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = current.flatMap(Self.hexadecimalDigit) else { throw unexpected() }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private func decoded(_ bytes: some Sequence<UInt8>) throws(JSONParsingError) -> String {
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw JSONParsingError(reason: "a text that is not UTF-8 before byte \(position)")
    }
    return string
  }

  // MARK: Numbers and words

  private mutating func number() throws(JSONParsingError) -> JSONValue {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "0") { position += 1 } else { try skipDigits() }
    var isInteger = true
    if current == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try skipDigits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try skipDigits()
    }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    if isInteger, let integer = Int(digits) { return .integer(integer) }
    guard let double = Double(digits), double.isFinite else {
      throw JSONParsingError(reason: "a number out of range at byte \(start)")
    }
    return .double(double)
  }

  /// Skips one digit or more.
  private mutating func skipDigits() throws(JSONParsingError) {
    let start = position
    while let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
    guard position > start else { throw unexpected() }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONParsingError) -> JSONValue {
    let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard text[position...].starts(with: letters) else { throw unexpected() }
    position += letters.count
    return value
  }

  // MARK: Bytes

  private var current: UInt8? { position < text.count ? text[position] : nil }

  private func byte(after count: Int) -> UInt8? {
    position + count < text.count ? text[position + count] : nil
  }

  /// Skips white space and then the byte, if it is the next.
  private mutating func takes(_ byte: UInt8) -> Bool {
    skipSpace()
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func unexpected() -> JSONParsingError {
    JSONParsingError(reason: position < text.count ? "unexpected byte \(position)" : "the text ends too early")
  }
}
