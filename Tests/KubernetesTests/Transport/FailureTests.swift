import FlyingFox
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct FailureTests {
  @Test("A request without an answer times out, the start of a watch too")
  func timeout() async throws {
    let answer = Gate()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      await answer.wait()
      return .json("{}")
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server, requestTimeout: .milliseconds(100))
      let request = await transportError { _ = try await client.version() }
      #expect(request == .timedOut)
      let watch = await transportError { _ = try await client.watch(.pods, namespace: nil, resourceVersion: "1") }
      #expect(watch == .timedOut)
      answer.open()
    }
  }

  @Test("A log that is not followed and stops coming times out")
  func stall() async throws {
    let answer = Gate()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      let sent = Counter()
      return .chunks(
        ChunkProducer {
          if sent.next() == 0 { return Array("line\n".utf8) }
          await answer.wait()
          return nil
        }
      )
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server, requestTimeout: .seconds(1))
      let reason = await transportError {
        for try await _ in try await client.logs(namespace: "n", pod: "p", container: "c", follow: false) {}
      }
      #expect(reason == .timedOut)
      answer.open()
    }
  }

  @Test("A server that accepts no connection times out")
  func connectTimeout() async throws {
    // A full queue: the kernel leaves further connections unanswered.
    let listener = try LoopbackListener(backlog: 0)
    let clients = (0..<4).map { _ in listener.connectClient() }
    defer { for client in clients { close(client) } }
    let transport = CurlTransport()
    var request = TransportRequest(
      method: "GET",
      url: "http://127.0.0.1:\(listener.port)",
      delivery: .whole(limit: 1024),
      summary: "GET /"
    )
    request.timeouts.connect = .milliseconds(100)
    let waiting = request
    let reason = await transportError { _ = try await transport.send(waiting) }
    #expect(reason == .timedOut)
  }

  @Test("A port nobody listens on, and a name without an address, cannot be connected to")
  func refused() async throws {
    let closed = try await TestServer.run({ _ in .json("{}") }) { $0 }
    let client = try KubernetesClient(server: closed)
    try await eventually { await transportError { _ = try await client.version() } == .cannotConnect }
    let nameless = try KubernetesClient(server: "http://nowhere.invalid")
    let reason = await transportError { _ = try await nameless.version() }
    #expect(reason == .cannotConnect)
  }

  @Test("A body that breaks off is an error after the bytes that came")
  func brokenOff() async throws {
    struct Broken: Error {}
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      let sent = Counter()
      return .chunks(
        ChunkProducer {
          guard sent.next() == 0 else { throw Broken() }
          return Array("line\n".utf8)
        }
      )
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      var text: [UInt8] = []
      let reason = await transportError {
        for try await bytes in try await client.logs(namespace: "n", pod: "p", container: "c", follow: true) {
          text += bytes
        }
      }
      #expect(reason == .connectionLost)
      #expect(text == Array("line\n".utf8))
    }
  }

  @Test("A body past the limit is refused")
  func tooLarge() async throws {
    try await TestServer.run({ _ in .json(String(repeating: " ", count: 2000)) }) { server in
      let transport = CurlTransport()
      let request = TransportRequest(method: "GET", url: server, delivery: .whole(limit: 1024), summary: "GET /")
      let reason = await transportError { _ = try await transport.send(request) }
      #expect(reason == .responseTooLarge)
    }
  }

  @Test("A redirect is an answer like any other, and is not followed")
  func redirect() async throws {
    let asked = Counter()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      asked.next()
      return HTTPResponse(statusCode: .movedPermanently, headers: HTTPHeaders([.location: "/elsewhere"]))
    }
    try await TestServer.run(handler) { server in
      let status = await apiStatus { _ = try await KubernetesClient(server: server).version() }
      #expect(status?.code == 301)
      #expect(asked.value == 1)
    }
  }

  @Test("A header field with a line break is refused before it is sent")
  func headerInjection() async throws {
    let transport = CurlTransport()
    var request = TransportRequest(
      method: "GET",
      url: "http://127.0.0.1:1",
      delivery: .whole(limit: 1024),
      summary: "GET /"
    )
    request.headers = [("X-Test", "a\r\nX-Other: b")]
    let injected = request
    let reason = await transportError { _ = try await transport.send(injected) }
    #expect(reason == .invalidRequest)
  }
}
