import Foundation

/// A block of PEM text, found by the rules of Go's encoding/pem.
///
/// They are stricter than OpenSSL's: `-----BEGIN ` stands at the beginning of a line or of the text, lines end in LF or
/// CRLF, and a block with damaged base64 or a wrong END line is passed over as if it were not there.
struct PEMBlock {
  /// The label: `CERTIFICATE`.
  let label: String
  /// Lines such as `Proc-Type: 4,ENCRYPTED`.
  let headers: [String: String]
  /// The decoded content; may be empty.
  let bytes: [UInt8]

  /// All blocks of a text, in their order.
  static func all(in text: [UInt8]) -> [PEMBlock] {
    var blocks: [PEMBlock] = []
    var rest = text[...]
    while let (block, end) = next(in: rest) {
      blocks.append(block)
      rest = text[end...]
    }
    return blocks
  }

  private static let begin = Array("-----BEGIN ".utf8)
  private static let end = Array("\n-----END ".utf8)
  private static let dashes = Array("-----".utf8)

  /// The next block and where the text after it begins; nil where none follows.
  private static func next(in text: ArraySlice<UInt8>) -> (block: PEMBlock, end: Int)? {
    var rest = text
    while let endLine = rest.firstIndex(of: end) {
      let endLabel = endLine + end.count
      defer { rest = text[min(max(endLabel, rest.startIndex), text.endIndex)...] }
      // The last BEGIN before the END line: those before it have no END of their own.
      guard let begin = rest[..<endLine].lastIndex(of: begin),
        begin == rest.startIndex || rest[begin - 1] == UInt8(ascii: "\n")
      else { continue }
      var lines = PEMLines(rest[(begin + Self.begin.count)...])
      let typeLine = lines.next()
      guard typeLine.hasSuffix(dashes) else { continue }
      let label = typeLine.dropLast(dashes.count)
      guard let headers = lines.headers() else { return nil }
      let content = lines.position
      guard content <= endLabel else { return nil }
      guard headers.isEmpty || content <= endLine, hasEndLine(label, in: text[endLabel...]),
        let bytes = decode(content < endLine ? text[content..<endLine] : [])
      else { continue }
      var after = PEMLines(text[(endLabel - 1)...])
      _ = after.next()
      let block = PEMBlock(label: String(decoding: label, as: UTF8.self), headers: headers, bytes: bytes)
      return (block, after.position)
    }
    return nil
  }

  /// Whether the text after `-----END ` is the label and five dashes, and nothing but spaces follows them.
  private static func hasEndLine(_ label: ArraySlice<UInt8>, in text: ArraySlice<UInt8>) -> Bool {
    guard text.starts(with: label), text.dropFirst(label.count).starts(with: dashes) else { return false }
    var lines = PEMLines(text.dropFirst(label.count + dashes.count))
    return lines.next().isEmpty
  }

  /// Base64 (RFC 4648, 4) with padding; line breaks, spaces and tabs are ignored, and so are the unused bits of the last
  /// digit.
  private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let characters = text.filter { !Self.ignored.contains($0) }
    let padding = characters.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
    let digits = characters.dropLast(padding).compactMap(digit)
    guard characters.count.isMultiple(of: 4), digits.count == characters.count - padding else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 4 * 3)
    var bits: UInt32 = 0
    for (index, digit) in (digits + Array(repeating: 0, count: padding)).enumerated() {
      bits = bits << 6 | UInt32(digit)
      guard index % 4 == 3 else { continue }
      bytes += [
        UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits),
      ]
    }
    return bytes.dropLast(padding)
  }

  private static let ignored: Set<UInt8> = Set(" \t\r\n".utf8)

  /// The value of a base64 digit; nil for any other character.
  static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}

/// The lines of PEM text: they end in LF or CRLF, and spaces and tabs at their ends do not count.
private struct PEMLines {
  private let text: ArraySlice<UInt8>
  /// Where the next line begins.
  private(set) var position: Int

  init(_ text: ArraySlice<UInt8>) {
    self.text = text
    position = text.startIndex
  }

  mutating func next() -> ArraySlice<UInt8> {
    let line = text[position...].prefix { $0 != UInt8(ascii: "\n") }
    position = min(line.endIndex + 1, text.endIndex)
    let isTerminated = line.endIndex < text.endIndex
    let content = isTerminated && line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    return content.trimmingSuffix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }

  /// The lines with a colon; nil where the text ends with them.
  mutating func headers() -> [String: String]? {
    var headers: [String: String] = [:]
    while position < text.endIndex {
      var ahead = self
      let line = ahead.next()
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return headers }
      let name = String(decoding: line[..<colon], as: UTF8.self).trimmingCharacters(in: .whitespaces)
      headers[name] = String(decoding: line[(colon + 1)...], as: UTF8.self).trimmingCharacters(in: .whitespaces)
      self = ahead
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  fileprivate func trimmingSuffix(while isTrimmed: (UInt8) -> Bool) -> Self {
    self[..<(lastIndex { !isTrimmed($0) }.map { $0 + 1 } ?? startIndex)]
  }

  fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }

  /// Where a sequence begins for the first time.
  func firstIndex(of pattern: [UInt8]) -> Int? {
    guard count >= pattern.count else { return nil }
    return (startIndex...(endIndex - pattern.count)).first {
      self[$0] == pattern[0] && self[$0...].starts(with: pattern)
    }
  }

  /// Where a sequence begins for the last time.
  func lastIndex(of pattern: [UInt8]) -> Int? {
    guard count >= pattern.count else { return nil }
    return (startIndex...(endIndex - pattern.count)).last {
      self[$0] == pattern[0] && self[$0...].starts(with: pattern)
    }
  }
}
