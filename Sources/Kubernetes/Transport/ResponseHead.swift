/// A response's status line and header fields.
struct ResponseHead: Sendable, Equatable {
  /// As the status line says it: `HTTP/2` or `HTTP/1.1`.
  var httpVersion: String
  var status: Int
  /// Field values by lower-case name; of a repeated field the last.
  var fields: [String: String] = [:]
  /// Local port of the connection: tells connections apart.
  var localPort = 0

  /// Reads `HTTP/2 200` and `HTTP/1.1 404 Not Found`; nil for any other line.
  init?(statusLine line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 2)
    guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), let status = Int(parts[1]) else { return nil }
    httpVersion = String(parts[0])
    self.status = status
  }

  /// Adds a line `Name: value`; any other line is left out.
  mutating func add(fieldLine line: Substring) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    fields[line[..<colon].lowercased()] = String(value)
  }
}
