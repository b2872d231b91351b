import FlyingFox
import FlyingSocks
import Foundation
import Logging
import Metrics
import Testing

@testable import Kubernetes

/// An HTTP server in this process, on a free loopback port, for one test.
enum TestServer {
  static func run<Value: Sendable>(
    _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse,
    test: (String) async throws -> Value
  ) async throws -> Value {
    let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
    await server.appendRoute("*", handler: handler)
    let running = Task { try await server.run() }
    defer { running.cancel() }
    try await server.waitUntilListening()
    guard case .ip4(_, let port) = await server.listeningAddress else { throw NoAddress() }
    return try await test("http://127.0.0.1:\(port)")
  }

  private struct NoAddress: Error {}
}

extension HTTPResponse {
  static func json(_ text: String, status: HTTPStatusCode = .ok, headers: HTTPHeaders = [:]) -> HTTPResponse {
    HTTPResponse(statusCode: status, headers: headers, body: Data(text.utf8))
  }

  /// A chunked body, a chunk for each element of the producer.
  static func chunks(_ producer: ChunkProducer) -> HTTPResponse {
    HTTPResponse(statusCode: .ok, body: HTTPBodySequence(from: producer))
  }

  /// A chunked body that ends in order after these.
  static func chunks(_ chunks: [[UInt8]]) -> HTTPResponse {
    let rest = Counter()
    return .chunks(
      ChunkProducer {
        let index = rest.next()
        return index < chunks.count ? chunks[index] : nil
      }
    )
  }
}

extension KubernetesClient {
  convenience init(configuration: ClusterConfiguration, requestTimeout: Duration, liveness: Liveness) {
    self.init(
      configuration: configuration,
      userAgent: "test",
      fieldManager: "test",
      requestTimeout: requestTimeout,
      logger: Logger(label: "test"),
      transport: CurlTransport(liveness: liveness),
      metrics: RequestMetrics(host: "test", factory: NOOPMetricsHandler.instance),
      permit: nil,
      serverClock: ServerClock()
    )
  }

  convenience init(server: String, requestTimeout: Duration = .seconds(30)) throws {
    self.init(configuration: try .plain(server: server), requestTimeout: requestTimeout)
  }
}
