/// How deep in the brackets of a JSON text one stands, told byte by byte.
///
/// It looks at brackets and strings alone; whether the text is JSON is for its reader to find.
@frozen
package struct JSONNesting: Sendable {
  /// Objects and lists that are open; less than 0 after one bracket too many.
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
