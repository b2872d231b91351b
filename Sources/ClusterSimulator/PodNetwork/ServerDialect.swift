/// What a simulated server says over its connections, in the clear or over TLS.
enum ServerDialect: Sendable {
  /// HTTP/2 for gRPC: the settings at once, then silence.
  case grpc
  /// HTTP/1.1: one answer to one request.
  case http

  /// By ALPN, with its length before it.
  var applicationProtocol: StaticString {
    switch self {
    case .grpc: "\u{02}h2"
    case .http: "\u{08}http/1.1"
    }
  }

  /// What it sends before the client says anything.
  var greeting: [UInt8] {
    switch self {
    // An empty SETTINGS frame (RFC 9113, 6.5).
    case .grpc: [0, 0, 0, 4, 0, 0, 0, 0, 0]
    case .http: []
    }
  }

  /// What ends the conversation; nil while the client may say more.
  func answer(to request: [UInt8]) -> [UInt8]? {
    guard self == .http, let first = request.first else { return nil }
    // Not the name of a method: a TLS client, perhaps.
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
