import FlyingFox
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct FencedClientTests {
  private struct NotLeading: Error {}
  private static let object = KubernetesObject(.secrets, namespace: "n", name: "x")

  @Test("Without permission each kind of write throws the permit's error and sends nothing, and reads go on")
  func refused() async throws {
    let seen = Mutex<[String]>([])
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      seen.withLock { $0.append(request.method.rawValue) }
      return .json("{}")
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      let fenced = client.fenced { throw NotLeading() }
      await #expect(throws: NotLeading.self) { try await fenced.create(Self.object, as: .secrets, namespace: "n") }
      await #expect(throws: NotLeading.self) { try await fenced.update(Self.object, as: .secrets, namespace: "n") }
      await #expect(throws: NotLeading.self) {
        try await fenced.mergePatch(.secrets, namespace: "n", name: "x", patch: [:])
      }
      await #expect(throws: NotLeading.self) { try await fenced.delete(.secrets, namespace: "n", name: "x") }
      _ = try await fenced.get(.secrets, namespace: "n", name: "x")
      _ = try await client.create(Self.object, as: .secrets, namespace: "n")
      #expect(seen.withLock { $0 } == ["GET", "POST"])
    }
  }

  @Test("A client that is fenced twice asks both permits, the first one first")
  func fencedTwice() async throws {
    let asked = Mutex<[Int]>([])
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in .json("{}") }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server).fenced { asked.withLock { $0.append(1) } }
      _ = try await client.fenced { asked.withLock { $0.append(2) } }
        .create(Self.object, as: .secrets, namespace: "n")
      #expect(asked.withLock { $0.prefix(2) } == [1, 2])
      let refusing = try KubernetesClient(server: server).fenced { throw NotLeading() }.fenced {}
      await #expect(throws: NotLeading.self) { try await refusing.create(Self.object, as: .secrets, namespace: "n") }
    }
  }

  @Test("Without permission neither the first try of a write nor a later one touches a connection")
  func noConnection() async throws {
    let isLeading = Mutex(false)
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      guard request.method == .POST else { return .json("{}") }
      isLeading.withLock { $0 = false }
      return .json("{}", status: .tooManyRequests, headers: [.connection: "close"])
    }
    try await TestServer.run(handler) { server in
      let proxy = try LoopbackProxy(to: UInt16(try #require(ServerAddress(server)).port))
      let client = try KubernetesClient(server: "http://127.0.0.1:\(proxy.port)")
      let fenced = client.fenced {
        if !isLeading.withLock({ $0 }) { throw NotLeading() }
      }
      await #expect(throws: NotLeading.self) { try await fenced.create(Self.object, as: .secrets, namespace: "n") }
      // Connections are counted in their order: a read's comes after any that the write made.
      _ = try await client.version()
      #expect(proxy.connections == 1)

      isLeading.withLock { $0 = true }
      await #expect(throws: NotLeading.self) { try await fenced.create(Self.object, as: .secrets, namespace: "n") }
      // The read's connection served the first try, which ended it.
      _ = try await client.version()
      #expect(proxy.connections == 2)
    }
  }

  @Test("Each try of a write asks anew, also before its body goes out")
  func eachTry() async throws {
    let tries = Counter()
    let permits = Counter()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      tries.next()
      return .json("{}", status: .tooManyRequests)
    }
    try await TestServer.run(handler) { server in
      let fenced = try KubernetesClient(server: server).fenced {
        if permits.next() == 3 { throw NotLeading() }
      }
      await #expect(throws: NotLeading.self) { try await fenced.create(Self.object, as: .secrets, namespace: "n") }
      #expect(tries.value == 1)
      #expect(permits.value == 4)
    }
  }

  @Test("A write that waited for its connection asks again when that stands")
  func lateConnection() async throws {
    let isLeading = Mutex(true)
    let asked = Counter()
    let server = try ScriptedServer(answers: [.json])
    let proxy = try LoopbackProxy(to: server.port, isHeld: true)
    let configuration = ClusterConfiguration(
      address: try #require(ServerAddress("http://server.test")),
      proxy: ProxyAddress("socks5://127.0.0.1:\(proxy.port)")
    )
    let fenced = KubernetesClient(configuration: configuration).fenced {
      asked.next()
      if !isLeading.withLock({ $0 }) { throw NotLeading() }
    }
    let write = Task { try await fenced.create(Self.object, as: .secrets, namespace: "n") }
    try await eventually { proxy.connections == 1 }
    #expect(asked.value == 1)
    isLeading.withLock { $0 = false }
    proxy.release()
    await #expect(throws: NotLeading.self) { try await write.value }
    #expect(asked.value == 2)
    #expect(server.requests.isEmpty)
  }
}
