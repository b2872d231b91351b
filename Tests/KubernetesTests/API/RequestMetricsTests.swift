import CoreMetrics
import FlyingFox
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

struct RequestMetricsTests {
  @Test("Each try is counted by code, method and host, and its time by verb and host")
  func counted() async throws {
    let tries = Counter()
    let metrics = RecordedMetrics()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      if request.path.hasSuffix("/pods") { return .chunks([]) }
      return tries.next() == 0 ? .json("{}", status: .tooManyRequests) : .json("{}")
    }
    let host = try await TestServer.run(handler) { server in
      let client = KubernetesClient(configuration: try .plain(server: server), metrics: metrics)
      _ = try await client.create(KubernetesObject(.secrets, namespace: "n", name: "x"), as: .secrets, namespace: "n")
      for try await _ in try await client.watch(.pods, namespace: nil, resourceVersion: "1") {}
      return client.configuration.address.authority
    }
    let unanswered = KubernetesClient(
      configuration: try .plain(server: "http://\(host)"),
      requestTimeout: .milliseconds(20),
      metrics: metrics
    )
    try await eventually {
      await transportError { _ = try await unanswered.version() } != nil
        && (metrics.count("rest_client_requests_total", ["code": "<error>", "method": "GET", "host": host]) ?? 0) > 0
    }
    func requests(_ code: String, _ method: String) -> Int? {
      metrics.count("rest_client_requests_total", ["code": code, "method": method, "host": host])
    }
    #expect(requests("429", "POST") == 1)
    #expect(requests("200", "POST") == 1)
    #expect(requests("200", "GET") == 1)
    #expect(metrics.count("rest_client_request_duration_seconds", ["verb": "POST", "host": host]) == 2)
  }
}
