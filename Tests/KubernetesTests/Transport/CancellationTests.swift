import FlyingFox
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct CancellationTests {
  @Test("Cancelling the task ends a request that has no answer yet")
  func request() async throws {
    let asked = Gate()
    let answer = Gate()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      asked.open()
      await answer.wait()
      return .json("{}")
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      let task = Task { try await client.version() }
      await asked.wait()
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      answer.open()
    }
  }

  @Test("A cancelled request that was never answered closes its connection")
  func silence() async throws {
    let asked = Gate()
    let closed = Gate()
    let listener = try LoopbackListener()
    listener.stayingSilent(asked: asked, closed: closed)
    let client = try KubernetesClient(server: "http://127.0.0.1:\(listener.port)", requestTimeout: .seconds(300))
    let task = Task { try await client.version() }
    await asked.wait()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await closed.wait()
    withExtendedLifetime(client) {}
  }

  @Test("A task cancelled before it asks gets no answer")
  func cancelledBefore() async throws {
    try await TestServer.run({ _ in .json("{}") }) { server in
      let client = try KubernetesClient(server: server)
      let start = Gate()
      let task = Task {
        await start.wait()
        return try await client.version()
      }
      task.cancel()
      start.open()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test("Cancelling the reader of a stream wakes it and ends the transfer")
  func reader() async throws {
    let ended = Gate()
    try await TestServer.run(Self.endless(ended)) { server in
      let client = try KubernetesClient(server: server)
      let first = Gate()
      let task = Task {
        for try await _ in try await client.logs(namespace: "n", pod: "p", container: "c", follow: true) {
          first.open()
        }
      }
      await first.wait()
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      await ended.wait()
    }
  }

  @Test("Dropping a stream ends the transfer")
  func dropped() async throws {
    let ended = Gate()
    try await TestServer.run(Self.endless(ended)) { server in
      let client = try KubernetesClient(server: server)
      for try await _ in try await client.logs(namespace: "n", pod: "p", container: "c", follow: true) { break }
      await ended.wait()
    }
  }

  @Test("The thread and its handles go with the client, and open streams keep both")
  func lifetime() async throws {
    let go = Gate()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      let index = Counter()
      return .chunks(
        ChunkProducer {
          guard index.next() == 0 else { return nil }
          await go.wait()
          return Array("line\n".utf8)
        }
      )
    }
    try await TestServer.run(handler) { server in
      weak var queue: CommandQueue?
      do {
        var transport: CurlTransport? = CurlTransport()
        queue = transport?.queue
        let request = TransportRequest(
          method: "GET",
          url: server,
          delivery: .streamed(highWater: 1024, over: .own),
          summary: "GET /"
        )
        let body = try #require(try await transport?.open(request).body)
        transport = nil
        go.open()
        var text: [UInt8] = []
        for try await bytes in body { text += bytes }
        #expect(text == Array("line\n".utf8))
      }
      try await eventually { queue == nil }
    }
  }

  @Test("A queue that is shut down refuses requests and ends those it had")
  func shutDown() async throws {
    let asked = Gate()
    let answer = Gate()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      asked.open()
      await answer.wait()
      return .json("{}")
    }
    try await TestServer.run(handler) { server in
      let transport = CurlTransport()
      let request = TransportRequest(method: "GET", url: server, delivery: .whole(limit: 1024), summary: "GET /")
      let task = Task { try await transport.send(request).head.status }
      await asked.wait()
      transport.queue.shutDown()
      let running = await transportError { _ = try await task.value }
      #expect(running == .shutDown)
      let later = await transportError { _ = try await transport.send(request) }
      #expect(later == .shutDown)
      answer.open()
    }
  }

  /// Sends chunks until the connection is gone, then opens the gate.
  private static func endless(_ ended: Gate) -> @Sendable (HTTPRequest) async throws -> HTTPResponse {
    final class Lease: Sendable {
      let ended: Gate
      init(_ ended: Gate) { self.ended = ended }
      deinit { ended.open() }
    }
    return { _ in
      let lease = Lease(ended)
      return .chunks(
        ChunkProducer {
          withExtendedLifetime(lease) {}
          // Large enough for the socket to be full soon: a loop that never waits would starve the other tests.
          return [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 18)
        }
      )
    }
  }
}
