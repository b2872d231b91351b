import Foundation
import JSON

/// One line of a Milvus log, in either format.
struct MilvusLogLine: Sendable {
  let level: String
  let caller: String
  let message: String
  let fields: [String: JSONValue]
  let date = Date()

  init(_ level: String, _ caller: String, _ message: String, _ fields: [String: JSONValue] = [:]) {
    self.level = level
    self.caller = caller
    self.message = message
    self.fields = fields
  }

  /// For example `[2024/12/03 10:22:33.123 +00:00] [INFO] [utils/util.go:56] ["Internal TLS Enabled"] [value=true]`.
  var text: String {
    let values = fields.sorted { $0.key < $1.key }.map { name, value in " [\(name)=\(Self.shown(value))]" }
    return "[\(time)] [\(level)] [\(caller)] [\(Self.shown(.string(message)))]" + values.joined()
  }

  /// The line with `log.format: json`.
  var json: String {
    var line: JSONValue = .object(fields)
    line["level"] = .string(level)
    line["time"] = .string(time)
    line["caller"] = .string(caller)
    line["message"] = .string(message)
    return line.description
  }

  private var time: String {
    let iso = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    return iso.replacing("-", with: "/").replacing("T", with: " ").replacing("Z", with: " +00:00")
  }

  /// Quoted if it contains more than one word.
  private static func shown(_ value: JSONValue) -> String {
    guard case .string(let text) = value else { return value.description }
    return text.contains { " \"[]=".contains($0) } ? value.description : text
  }
}
