/// A response's status line and header fields.
struct ResponseHead: Sendable, Equatable {
  /// As in the status line: `HTTP/2` or `HTTP/1.1`.
  var httpVersion: String
  var status: Int
  /// Field values by lower-case name. Of a repeated field, the last value.
  var fields: [String: String] = [:]
  /// Local port of the connection, which identifies the connection.
  var localPort = 0

  /// Parses `HTTP/2 200` and `HTTP/1.1 404 Not Found`; nil for any other line.
  init?(statusLine line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 2)
    guard parts.count >= 2, parts[0].hasPrefix("HTTP/"), let status = Int(parts[1]) else { return nil }
    httpVersion = String(parts[0])
    self.status = status
  }

  /// Adds a line `Name: value`; ignores any other line.
  mutating func add(fieldLine line: Substring) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    fields[line[..<colon].lowercased()] = String(value)
  }
}
