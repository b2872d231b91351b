import Foundation
import JSON
import Logging

/// Format of log lines.
public enum LogFormat: String, Sendable, CaseIterable {
  /// For people: time, level, object, message, metadata.
  case text
  /// For programs: one JSON object per line with `ts` (RFC 3339), `level`, `msg` and the metadata as members.
  case json

  /// One line for a message, with a line break only at its end.
  /// - Parameter isColored: whether levels above `info` have terminal colors; only for `text`.
  func line(_ message: LogMessage, isColored: Bool = false) -> String {
    switch self {
    case .text: text(message, isColored: isColored)
    case .json: json(message)
    }
  }

  // MARK: Text

  private func text(_ message: LogMessage, isColored: Bool) -> String {
    var metadata = message.metadata
    var line = "\(message.time.logTime) \(level(message.level, isColored: isColored)) "
    // The object as kubectl names it; the rest of the line is a sentence about it.
    if let namespace = metadata["namespace"], let name = metadata["name"] {
      line += "\(namespace)/\(name): ".escapingControlCharacters
      metadata["namespace"] = nil
      metadata["name"] = nil
    }
    line += message.text.escapingControlCharacters
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      line += " \(key.escapingControlCharacters)=\("\(value)".quotedWhereNeeded)"
    }
    return line + "\n"
  }

  private func level(_ level: Logger.Level, isColored: Bool) -> String {
    let (word, color) =
      switch level {
      case .trace: ("TRACE", "2")
      case .debug: ("DEBUG", "2")
      case .info: ("INFO ", "")
      case .notice: ("NOTE ", "36")
      case .warning: ("WARN ", "33")
      case .error: ("ERROR", "31")
      case .critical: ("FATAL", "1;31")
      }
    return isColored && !color.isEmpty ? "\u{1b}[\(color)m\(word)\u{1b}[0m" : word
  }

  // MARK: JSON

  private func json(_ message: LogMessage) -> String {
    let fixed: [(String, JSONValue)] = [
      ("ts", .string(message.time.logTime)), ("level", .string(message.level.rawValue)), ("msg", .string(message.text)),
    ]
    let taken = Set(fixed.map(\.0))
    let others = message.metadata.sorted { $0.key < $1.key }.map { key, value in
      (taken.contains(key) ? key + "_" : key, JSONValue(value))
    }
    let members = (fixed + others).map { key, value in "\(JSONValue.string(key)):\(value)" }
    return "{\(members.joined(separator: ","))}\n"
  }
}

extension JSONValue {
  fileprivate init(_ value: Logger.MetadataValue) {
    switch value {
    case .string(let text): self = .string(text)
    case .stringConvertible(let value as Int): self = .integer(value)
    case .stringConvertible(let value as Bool): self = .bool(value)
    case .stringConvertible(let value as Double): self = .double(value)
    case .stringConvertible(let value): self = .string("\(value)")
    case .array(let values): self = .array(values.map(JSONValue.init))
    case .dictionary(let members): self = .object(members.mapValues(JSONValue.init))
    }
  }
}

extension Date {
  /// RFC 3339 in UTC with milliseconds.
  fileprivate var logTime: String { formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }
}

extension String {
  /// The text with control characters and line breaks escaped as in JSON, so that it stays on one line and cannot
  /// control the terminal.
  fileprivate var escapingControlCharacters: String {
    var result = ""
    for scalar in unicodeScalars {
      switch (scalar, scalar.properties.generalCategory) {
      case ("\n", _): result += #"\n"#
      case ("\r", _): result += #"\r"#
      case ("\t", _): result += #"\t"#
      case (_, .control), (_, .lineSeparator), (_, .paragraphSeparator):
        let digits = String(scalar.value, radix: 16)
        result += #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text as a value after `=`, quoted if it is empty or contains spaces, quotes or `=`.
  fileprivate var quotedWhereNeeded: String {
    let text = escapingControlCharacters
    guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return text }
    return "\"\(text.replacing("\"", with: "\\\""))\""
  }
}
