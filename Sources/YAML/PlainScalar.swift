import JSON

/// Resolves an unquoted scalar by the tables of `sigs.k8s.io/yaml` (goyaml.v2/resolve.go).
enum PlainScalar {
  enum Meaning: Equatable {
    case value(JSONValue)
    /// `.nan` and `.inf`, which JSON cannot represent.
    case notFinite
  }

  static func resolve(_ text: String) -> Meaning {
    if let word = words[text] { return .value(word) }
    guard let first = text.utf8.first else { return .value(.null) }
    if notFinite.contains(text) { return .notFinite }
    guard isNumberStart(first) else { return .value(.string(text)) }
    if isDate(text) { return .value(.string(text)) }
    let digits = text.filter { $0 != "_" }
    if let integer = integer(digits) { return .value(.integer(integer)) }
    if let double = double(digits) { return double.isFinite ? .value(.double(double)) : .value(.string(text)) }
    return .value(.string(text))
  }

  /// Whether a string must be quoted so that this parser and YAML 1.1 parsers read it as a string.
  static func needsQuotes(_ text: String) -> Bool {
    if resolve(text) != .value(.string(text)) { return true }
    return text == "<<" || text == "=" || isDate(text) || isBase60(text)
  }

  private static let words: [String: JSONValue] = {
    let kinds: [(JSONValue, [String])] = [
      (true, ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]),
      (false, ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]),
      (.null, ["", "~", "null", "Null", "NULL"]),
    ]
    return Dictionary(uniqueKeysWithValues: kinds.flatMap { value, words in words.map { ($0, value) } })
  }()

  private static let notFinite: Set<String> = {
    let words = ["inf", "Inf", "INF"].flatMap { ["." + $0, "+." + $0, "-." + $0] }
    return Set(words + [".nan", ".NaN", ".NAN"])
  }()

  private static func isNumberStart(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func integer(_ text: String) -> Int? {
    var digits = text[...]
    var sign = ""
    if let first = digits.first, first == "-" || first == "+" {
      sign = String(first)
      digits = digits.dropFirst()
    }
    // Int(_:radix:) accepts a sign of its own, but "--1" and "0x-1" are not numbers.
    guard let first = digits.utf8.first, isDigit(first) else { return nil }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)] where digits.count > prefix.count {
      guard digits.lowercased().hasPrefix(prefix) else { continue }
      let rest = digits.dropFirst(prefix.count)
      guard rest.first != "-", rest.first != "+" else { return nil }
      return Int(sign + rest, radix: radix)
    }
    return Int(sign + digits)
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; Double(_:) alone would also accept "0x1p3" and "nan".
  private static func double(_ text: String) -> Double? {
    var rest = Substring(text).utf8[...]
    skipSign(&rest)
    let whole = skipDigits(&rest)
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = skipDigits(&rest)
    }
    guard whole + fraction > 0 else { return nil }
    if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
      rest.removeFirst()
      skipSign(&rest)
      guard skipDigits(&rest) > 0 else { return nil }
    }
    guard rest.isEmpty else { return nil }
    return Double(text)
  }

  private static func skipSign(_ rest: inout Substring.UTF8View.SubSequence) {
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { rest.removeFirst() }
  }

  private static func skipDigits(_ rest: inout Substring.UTF8View.SubSequence) -> Int {
    let digits = rest.prefix(while: isDigit)
    rest = rest[digits.endIndex...]
    return digits.count
  }

  /// Four digits and a dash: YAML 1.1 may read it as a timestamp, and no parser reads it as a number.
  private static func isDate(_ text: String) -> Bool {
    let bytes = text.utf8
    let digits = bytes.prefix(while: isDigit)
    return digits.count == 4 && bytes.dropFirst(4).first == UInt8(ascii: "-")
  }

  /// `12:30:45`, which is a number in YAML 1.1.
  private static func isBase60(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count > 1
      && parts.allSatisfy { $0.utf8.contains(where: isDigit) && $0.allSatisfy { "0123456789+-_.".contains($0) } }
  }
}
