import Foundation
import JSON

/// One line of Milvus's log in either format, split into time, level, message and fields:
///
///     [2024/12/03 10:22:33.123 +00:00] [INFO] [utils/util.go:56] ["Internal TLS Enabled"] [value=true]
///     {"level":"INFO","time":"...","message":"Internal TLS Enabled","value":true}
///
/// Only lines of exactly these formats count, so that users cannot forge statements by text in a message or field.
struct MilvusLogLine {
  let text: String
  let time: Date?
  let level: Level
  let message: String
  let fields: [String: String]
  let isCut: Bool

  enum Level: String {
    case debug, info, warn, warning, error, dpanic, panic, fatal

    var isFault: Bool { self != .debug && self != .info }
    var isEnd: Bool { self == .dpanic || self == .panic || self == .fatal }
  }

  /// Parses a line; nil if it is not in Milvus's format (output of a shell, trace of a panic).
  init?(_ raw: RawLogLine) {
    let text = String(decoding: raw.bytes, as: UTF8.self).removingControls
    if text.utf8.first == UInt8(ascii: "{") {
      guard !raw.isCut else { return nil }
      self.init(json: text)
    } else {
      self.init(text: text, isCut: raw.isCut)
    }
  }

  private init?(json text: String) {
    guard let entry = try? JSONValue(parsing: text).object, let name = entry["level"]?.string,
      let level = Level(rawValue: name.lowercased()), let message = (entry["message"] ?? entry["msg"])?.string
    else { return nil }
    self.text = text
    self.level = level
    self.message = message
    time = (entry["time"] ?? entry["ts"]).flatMap(LogTime.parse)
    fields = entry.mapValues { $0.string ?? $0.description }
    isCut = false
  }

  private init?(text: String, isCut: Bool) {
    guard let parts = BracketedParts(text, isCut: isCut)?.parts, parts.count >= 4, let time = LogTime.parse(parts[0]),
      let level = Level(rawValue: parts[1].lowercased()), Self.isCaller(parts[2])
    else { return nil }
    self.text = text
    self.time = time
    self.level = level
    self.isCut = isCut
    message = parts[3].unquoted
    var fields: [String: String] = [:]
    for part in parts.dropFirst(4) {
      guard let separator = part.firstIndex(of: "=") else { continue }
      let value = part[part.index(after: separator)...].unquoted
      // A field with contradictory values has no value.
      fields.merge([String(part[..<separator]): value]) { $0 == $1 ? $0 : "" }
    }
    self.fields = fields
  }

  /// `file.go:12`
  private static func isCaller(_ part: String) -> Bool {
    guard let separator = part.lastIndex(of: ":"), separator != part.startIndex else { return false }
    let number = part[part.index(after: separator)...]
    return !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber } && !part.contains("\"")
      && !part.contains(" ")
  }

  /// Whether this is the first line of a Milvus process (cmd/milvus/run.go).
  static func isBanner(_ raw: RawLogLine) -> Bool {
    raw.bytes.starts(with: banner) && raw.bytes.count <= banner.count + 2
  }

  private static let banner = Array("Welcome to use Milvus!".utf8)

  var evidence: String { LogEvidence.quote(text) }
}

/// The contents of `[a] [b] ["c ] d"]`, quotes kept.
private struct BracketedParts {
  var parts: [String] = []

  /// Fails if the line does not consist of brackets only. Of a cut line, the complete brackets count.
  init?(_ line: String, isCut: Bool) {
    let bytes = Array(line.utf8)
    var start: Int?
    var isQuoted = false
    var isEscaped = false
    for (index, byte) in bytes.enumerated() {
      guard let first = start else {
        if byte == UInt8(ascii: "[") { start = index + 1 } else if byte != UInt8(ascii: " ") { return nil }
        continue
      }
      if isEscaped {
        isEscaped = false
      } else if isQuoted, byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if !isQuoted, byte == UInt8(ascii: "]") {
        parts.append(String(decoding: bytes[first..<index], as: UTF8.self))
        start = nil
      }
    }
    guard start == nil || isCut else { return nil }
  }
}

extension StringProtocol {
  fileprivate var unquoted: String {
    utf8.count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : String(self)
  }
}
