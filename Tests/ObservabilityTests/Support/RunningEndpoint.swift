import Foundation
import Testing

@testable import Observability

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// An endpoint that serves on a free port while a test runs.
struct RunningEndpoint {
  let port: UInt16

  struct Answer {
    let code: Int
    let contentType: String?
    let text: String
  }

  /// Runs a test with an endpoint, and ends it whatever happens.
  static func run(_ endpoint: HTTPEndpoint, _ body: (RunningEndpoint) async throws -> Void) async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: UInt16.self)
    var endpoint = endpoint
    endpoint.didListen = { continuation.yield($0) }
    let serving = Task { [endpoint] in
      defer { continuation.finish() }
      try await endpoint.run()
    }
    defer { serving.cancel() }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else { return try await serving.value }
    try await body(RunningEndpoint(port: port))
    serving.cancel()
    try await serving.value
  }

  func get(_ path: String, method: String = "GET") async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
    request.httpMethod = method
    request.timeoutInterval = 20
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = try #require(response as? HTTPURLResponse)
    return Answer(
      code: http.statusCode,
      contentType: http.value(forHTTPHeaderField: "Content-Type"),
      text: String(decoding: data, as: UTF8.self)
    )
  }
}

extension ListenAddress {
  /// A free port of the loopback interface.
  static let anyLoopbackPort = ListenAddress(host: .ip4("127.0.0.1"), port: 0)
}
