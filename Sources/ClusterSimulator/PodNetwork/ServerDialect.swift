/// Protocol of a simulated server, over plain text or TLS.
enum ServerDialect: Sendable {
  /// HTTP/2 for gRPC: sends its settings at once, then nothing.
  case grpc
  /// HTTP/1.1: one response to one request.
  case http

  /// Name for ALPN, preceded by its length.
  var applicationProtocol: StaticString {
    switch self {
    case .grpc: "\u{02}h2"
    case .http: "\u{08}http/1.1"
    }
  }

  /// What the server sends first.
  var greeting: [UInt8] {
    switch self {
    // An empty SETTINGS frame (RFC 9113, 6.5).
    case .grpc: [0, 0, 0, 4, 0, 0, 0, 0, 0]
    case .http: []
    }
  }

  /// The final response; nil while the request is incomplete.
  func answer(to request: [UInt8]) -> [UInt8]? {
    guard self == .http, let first = request.first else { return nil }
    // Not the start of a method name: perhaps a TLS client.
    guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return Self.response("400 Bad Request", "{}") }
    let isTooLong = request.count > 16 * 1024
    guard isTooLong || String(decoding: request, as: UTF8.self).contains("\r\n\r\n") else { return nil }
    return Self.response("200 OK", #"{"code":0,"data":[]}"#)
  }

  private static func response(_ status: String, _ body: String) -> [UInt8] {
    let head = "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
    return Array("\(head)Connection: close\r\n\r\n\(body)".utf8)
  }
}
