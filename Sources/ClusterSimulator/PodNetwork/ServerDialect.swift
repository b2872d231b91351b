/// Protocol of a simulated server, over plain text or TLS.
enum ServerDialect: Sendable, Equatable {
  /// HTTP/2 for gRPC: sends its settings at once, then nothing.
  case grpc
  /// HTTP/1.1: one response to one request.
  case http
  /// HTTP/1.1 on Milvus's port for metrics and administration: one response to one request.
  case metrics(asksForPassword: Bool)

  /// Name for ALPN, preceded by its length.
  var applicationProtocol: StaticString {
    switch self {
    case .grpc: "\u{02}h2"
    case .http, .metrics: "\u{08}http/1.1"
    }
  }

  /// What the server sends first.
  var greeting: [UInt8] {
    switch self {
    // An empty SETTINGS frame (RFC 9113, 6.5).
    case .grpc: [0, 0, 0, 4, 0, 0, 0, 0, 0]
    case .http, .metrics: []
    }
  }

  /// Whether a request is read before the response.
  var readsRequests: Bool { self != .grpc }

  /// The final response; nil while the request is incomplete.
  func answer(to request: [UInt8]) -> [UInt8]? {
    guard readsRequests, let first = request.first else { return nil }
    // Not the start of a method name: perhaps a TLS client.
    guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return Self.response("400 Bad Request", "{}") }
    let isTooLong = request.count > 16 * 1024
    let text = String(decoding: request, as: UTF8.self)
    guard isTooLong || text.contains("\r\n\r\n") else { return nil }
    if case .metrics(let asksForPassword) = self { return Self.metricsAnswer(to: text, asksForPassword) }
    return Self.response("200 OK", #"{"code":0,"data":[]}"#)
  }

  /// What Milvus answers to a client without credentials (internal/http of Milvus).
  private static func metricsAnswer(to request: String, _ asksForPassword: Bool) -> [UInt8] {
    let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    switch path {
    case "/healthz", "/metrics", "/log/level": return response("200 OK", "{}")
    case "/management/check/ready": return response("500 Internal Server Error", "{}")
    case "/expr": return response(asksForPassword ? "401 Unauthorized" : "500 Internal Server Error", "{}")
    case _ where path.hasPrefix("/api/v1/"): return response(asksForPassword ? "401 Unauthorized" : "200 OK", "{}")
    case _ where request.hasPrefix("PRI "): return response("400 Bad Request", "")
    default: return response("404 Not Found", "")
    }
  }

  private static func response(_ status: String, _ body: String) -> [UInt8] {
    let head = "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
    return Array("\(head)Connection: close\r\n\r\n\(body)".utf8)
  }
}
