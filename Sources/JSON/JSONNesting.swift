/// Tracks the nesting depth in a JSON text, byte by byte.
///
/// It only looks at brackets and strings; the reader of the text checks that it is JSON.
@frozen
package struct JSONNesting: Sendable {
  /// Number of open objects and lists; negative after an unmatched closing bracket.
  package var depth = 0
  package var isInString = false
  package var isEscaped = false

  @inlinable
  package init() {}

  @inlinable
  package mutating func take(_ byte: UInt8) {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    default: break
    }
  }
}
