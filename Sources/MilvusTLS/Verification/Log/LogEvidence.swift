/// Makes a log line suitable for a status that many people can read: short, without secrets and control characters.
enum LogEvidence {
  private static let limit = 300
  private static let removed = "[removed]"

  static func quote(_ line: String) -> String {
    var text = String(decoding: line.utf8.prefix(16 << 10), as: UTF8.self).removingControls
    text = removingPEM(text)
    text.replace(userInfo) { "\($0.1)\(removed)@" }
    text.replace(bearer) { "\($0.1) \(removed)" }
    text.replace(assignment) { "\($0.1)\(removed)" }
    text.replace(longRun) { isRandom($0.output) ? removed : String($0.output) }
    guard text.utf8.count > limit else { return text }
    return String(text.prefix(limit)) + "…"
  }

  // Regexes are not Sendable, so they are created when used.

  /// `scheme://user:password@`
  private static var userInfo: Regex<(Substring, Substring)> { #/(://)[^\s/@"]+@/# }
  private static var bearer: Regex<(Substring, Substring)> { #/(?i)\b(bearer|basic)\s+[^\s"',\]]+/# }
  /// `password=...`, `"secretKey": "..."`
  private static var assignment: Regex<(Substring, Substring)> {
    #/(?i)((?:passw(?:or)?d|pwd|passphrase|token|secret|secret_?-?access_?-?key|secret_?-?key|access_?-?key|api_?-?key|authorization|credentials?)[\\"']*\s*[:=]\s*[\\"']*)[^\s"'\\,\]\}&]+/#
  }
  private static var longRun: Regex<Substring> { #/[A-Za-z0-9+/=_-]{24,}/# }

  /// Keys, tokens and hashes look random: long, and with all kinds of characters or hexadecimal. Paths and names do
  /// not.
  private static func isRandom(_ run: Substring) -> Bool {
    if run.utf8.count >= 32, run.allSatisfy(\.isHexDigit) { return true }
    return run.contains { $0.isUppercase } && run.contains { $0.isLowercase } && run.contains { $0.isNumber }
  }

  /// Without PEM blocks. An incomplete block is removed together with everything after it.
  private static func removingPEM(_ text: String) -> String {
    guard let begin = text.firstRange(of: "-----BEGIN") else { return text }
    let after = text[begin.upperBound...]
    guard let end = after.firstRange(of: "-----END") else { return text[..<begin.lowerBound] + removed }
    let tail = text[end.upperBound...]
    let rest = tail.firstRange(of: "-----").map { String(tail[$0.upperBound...]) } ?? ""
    return text[..<begin.lowerBound] + removed + removingPEM(rest)
  }
}

extension String {
  /// The text without ANSI escape sequences (ECMA-48: CSI, OSC and the two-character ones), control characters, and
  /// characters that change the text direction.
  var removingControls: String {
    var result = String.UnicodeScalarView()
    var scalars = unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      switch scalar.value {
      case 0x1B: Self.skipSequence(&scalars)
      case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: break
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private static func skipSequence(_ scalars: inout String.UnicodeScalarView.Iterator) {
    switch scalars.next() {
    case "[":
      while let scalar = scalars.next(), !("@"..."~").contains(scalar) {}
    case "]":
      var isEscape = false
      while let scalar = scalars.next(), scalar != "\u{07}", !(isEscape && scalar == "\\") {
        isEscape = scalar == "\u{1B}"
      }
    default: break
    }
  }
}
