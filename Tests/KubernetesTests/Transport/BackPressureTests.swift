import FlyingFox
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct BackPressureTests {
  private static let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 10)
  private static let chunkCount = 3200

  @Test("A reader that stops holds the server back, and gets every byte once it goes on")
  func slowReader() async throws {
    let sent = Counter()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      guard request.path.hasSuffix("/log") else { return .json("{}") }
      return .chunks(ChunkProducer { sent.next() < Self.chunkCount ? Self.chunk : nil })
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      let body = try await client.logs(namespace: "n", pod: "p", container: "c", follow: true)
      // Other requests go on meanwhile; the server stands still when many of them see no new chunk.
      try await eventually(within: .seconds(60)) {
        let before = sent.value
        for _ in 0..<50 { _ = try await client.version() }
        return before > 0 && sent.value == before
      }
      #expect(sent.value < 400, "of \(Self.chunkCount) chunks, the socket buffers' worth")
      var received = 0
      for try await bytes in body { received += bytes.count }
      #expect(received == Self.chunkCount * Self.chunk.count)
    }
  }

  @Test("What waits for its reader stays under the mark")
  func highWater() async throws {
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      let sent = Counter()
      return .chunks(ChunkProducer { sent.next() < 200 ? Self.chunk : nil })
    }
    try await TestServer.run(handler) { server in
      let body = try await KubernetesClient(server: server).logs(namespace: "n", pod: "p", container: "c", follow: true)
      var largest = 0
      for try await bytes in body { largest = max(largest, bytes.count) }
      // One more piece than the mark may come, of libcurl's 16 KiB buffer.
      #expect(largest <= 256 << 10 + 16 << 10)
    }
  }
}
