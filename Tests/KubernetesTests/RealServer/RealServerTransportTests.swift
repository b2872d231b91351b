import Foundation
import Testing

@testable import Kubernetes

struct RealServerTransportTests {
  @Test("Requests in parallel share one HTTP/2 connection, with a watch among them")
  func multiplexing() async throws {
    let server = try RealServer()
    let transport = CurlTransport()
    let watch = try await transport.open(
      Self.request("/api/v1/pods?watch=true", to: server, .streamed(highWater: 1 << 20, over: .shared))
    )
    let heads = try await withThrowingTaskGroup(of: ResponseHead.self) { group in
      for _ in 0..<80 {
        let request = try Self.request("/version", to: server)
        group.addTask { try await transport.send(request).head }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(heads.count == 80)
    #expect(heads.allSatisfy { $0.status == 200 && $0.httpVersion == "HTTP/2" })
    #expect(Set(heads.map(\.localPort)) == [watch.head.localPort])
    withExtendedLifetime(watch.body) {}
  }

  @Test("A watch that is dropped leaves the connection to the others")
  func dropWatch() async throws {
    let server = try RealServer()
    let transport = CurlTransport()
    var ports: Set<Int> = []
    for _ in 0..<5 {
      // The body is dropped right here.
      let watch = try Self.request("/api/v1/pods?watch=true", to: server, .streamed(highWater: 1 << 20, over: .shared))
      ports.insert(try await transport.open(watch).head.localPort)
      ports.insert(try await transport.send(Self.request("/version", to: server)).head.localPort)
    }
    #expect(ports.count == 1)
  }

  @Test("A stream with a connection of its own leaves the shared one alone")
  func ownConnection() async throws {
    let server = try RealServer()
    let transport = CurlTransport()
    let first = try await transport.send(Self.request("/version", to: server)).head
    let own = try await transport.open(
      Self.request("/api/v1/pods?watch=true", to: server, .streamed(highWater: 1024, over: .own))
    )
    let second = try await transport.send(Self.request("/version", to: server)).head
    #expect(own.head.httpVersion == "HTTP/1.1")
    #expect(own.head.localPort != first.localPort)
    #expect(second.localPort == first.localPort)
  }

  private static func request(
    _ path: String,
    to server: RealServer,
    _ delivery: TransportRequest.Delivery = .whole(limit: 1 << 20)
  ) throws -> TransportRequest {
    let configuration = try ClusterConfiguration.kubeconfig(paths: [server.kubeconfig])
    var request = TransportRequest(
      method: "GET",
      url: configuration.requestURL(path: path),
      delivery: delivery,
      summary: path
    )
    request.headers = try configuration.headers()
    request.tls = try configuration.tls()
    return request
  }
}
