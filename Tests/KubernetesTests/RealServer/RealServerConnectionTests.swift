import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

/// What becomes of the shared connection, seen from a proxy between the client and a real API server.
@Suite(.timeLimit(.minutes(5)))
struct RealServerConnectionTests {
  @Test("20 watches and 200 calls at once make one connection")
  func one() async throws {
    let (proxy, client) = try Self.client(liveness: Liveness())
    let watches = try await Self.watches(client, count: 20)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 { group.addTask { _ = try await client.get(.namespaces, namespace: nil, name: "default") } }
      try await group.waitForAll()
    }
    #expect(proxy.connections == 1)
    withExtendedLifetime(watches) {}
  }

  @Test("A connection that is cut ends its watches with an error, and what follows shares a new one")
  func cut() async throws {
    let (proxy, client) = try Self.client(liveness: Liveness())
    let watches = try await Self.watches(client, count: 20)
    proxy.cut()
    for watch in watches { #expect(await Self.end(of: watch) == .connectionLost) }
    let later = try await Self.watches(client, count: 20)
    _ = try await client.version()
    #expect(proxy.connections == 2)
    withExtendedLifetime(later) {}
  }

  @Test("A connection that falls silent is noticed: its watches end with an error, and what follows shares a new one")
  func silent() async throws {
    let (proxy, client) = try Self.client()
    let watches = try await Self.watches(client, count: 20)
    proxy.fallSilent()
    for watch in watches { #expect(await Self.end(of: watch) == .connectionLost) }
    let later = try await Self.watches(client, count: 20)
    _ = try await client.version()
    #expect(proxy.connections == 2)
    withExtendedLifetime(later) {}
  }

  @Test("A silent connection without watches swallows one request, not those after it")
  func silentForRequests() async throws {
    let (proxy, client) = try Self.client(requestTimeout: .seconds(2))
    _ = try await client.version()
    proxy.fallSilent()
    let first = await transportError { _ = try await client.version() }
    #expect(first == .timedOut)
    try await eventually { await transportError { _ = try await client.version() } == nil }
    #expect(proxy.connections == 2)
  }

  @Test("A read that waits on a silent connection is answered on the next, and a write is an error")
  func silentDuringRequests() async throws {
    let (proxy, client) = try Self.client()
    let watches = try await Self.watches(client, count: 1)
    proxy.fallSilent()
    async let write = transportError {
      try await client.delete(.configMaps, namespace: "default", name: "nothing")
    }
    #expect(try await client.version()["major"] == "1")
    #expect(await write == .connectionLost)
    withExtendedLifetime(watches) {}
  }

  @Test("A quiet connection that lives is kept")
  func quiet() async throws {
    let (proxy, client) = try Self.client()
    let watches = try await Self.watches(client, count: 2, timeout: .seconds(6))
    for watch in watches { #expect(await Self.end(of: watch) == nil) }
    #expect(proxy.connections == 1)
  }

  /// A client that asks after half a second of silence, and for three more.
  private static func client(
    requestTimeout: Duration = .seconds(30),
    liveness: Liveness = Liveness(silence: .milliseconds(500), answer: .seconds(3))
  ) throws -> (LoopbackProxy, KubernetesClient) {
    let server = try RealServer()
    let proxy = try LoopbackProxy(to: server.port)
    let configuration = try ClusterConfiguration.kubeconfig(paths: [server.kubeconfig])
    let proxied = ClusterConfiguration(
      address: try #require(ServerAddress("https://127.0.0.1:\(proxy.port)")),
      authorities: configuration.authorities,
      credential: configuration.credential
    )
    let client = KubernetesClient(
      configuration: proxied,
      requestTimeout: requestTimeout,
      liveness: liveness
    )
    return (proxy, client)
  }

  /// Watches of resources that nobody touches.
  private static func watches(
    _ client: KubernetesClient,
    count: Int,
    timeout: Duration = .seconds(300)
  ) async throws -> [WatchStream] {
    let version = try await client.list(.configMaps, namespace: "nowhere").resourceVersion
    return try await withThrowingTaskGroup(of: WatchStream.self) { group in
      for _ in 0..<count {
        group.addTask {
          try await client.watch(.configMaps, namespace: "nowhere", resourceVersion: version, timeout: timeout)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// How a watch ends; nil for in order.
  private static func end(of watch: WatchStream) async -> TransportErrorReason? {
    await transportError { for try await _ in watch {} }
  }
}
