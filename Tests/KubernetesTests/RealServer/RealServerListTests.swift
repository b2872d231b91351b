import Foundation
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct RealServerListTests {
  @Test("Metadata alone comes from a list and from a watch, under the resource's own kind")
  func metadataOnly() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    var secret = KubernetesObject(.secrets, namespace: namespace, name: "s")
    secret.labels = ["a": "b"]
    secret.json["stringData"] = ["key": "value"]
    _ = try await client.create(secret, as: .secrets, namespace: namespace)
    let list = try await client.list(.secrets, namespace: namespace, metadataOnly: true)
    let listed = try #require(list.items.first)
    #expect(listed.name == "s" && listed.labels == ["a": "b"] && !listed.uid.isEmpty)
    #expect(listed.kind == "Secret" && listed.apiVersion == "v1")
    #expect(listed.json["data"] == nil)

    let watch = try await client.watch(
      .secrets,
      namespace: namespace,
      resourceVersion: list.resourceVersion,
      metadataOnly: true
    )
    let patched = try await client.mergePatch(
      .secrets,
      namespace: namespace,
      name: "s",
      patch: ["data": ["key": .null]]
    )
    var events = watch.makeAsyncIterator()
    guard case .modified(let seen) = try await events.next() else {
      Issue.record("no change")
      return
    }
    #expect(seen.resourceVersion == patched.resourceVersion && seen.kind == "Secret")
    #expect(seen.json["data"] == nil && seen.json["type"] == nil)
  }

  @Test("A compressed list in pages waits for its reader, and brings every object once")
  func compressed() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    for index in 0..<6 {
      var object = KubernetesObject(.configMaps, namespace: namespace, name: "large\(index)")
      object.json["data"] = ["text": .string(String(repeating: "line \(index)\n", count: 60_000))]
      _ = try await client.create(object, as: .configMaps, namespace: namespace)
    }
    var names: [String] = []
    var versions: [String] = []
    for try await event in client.objects(.configMaps, namespace: namespace, limit: 4) {
      // Another request between two objects finds its way past the one that waits.
      _ = try await client.version()
      switch event {
      case .object(let object):
        #expect(object.json[path: "data", "text"]?.string?.utf8.count == 420_000)
        names.append(object.name)
      case .complete(let version): versions.append(version)
      }
    }
    #expect(names == (0..<6).map { "large\($0)" })
    #expect(versions.count == 1)
    let cached = client.objects(.configMaps, namespace: namespace, limit: 4, resourceVersion: "0")
    #expect(try await cached.contains { if case .object(let object) = $0 { object.name == "large5" } else { false } })
  }
}
