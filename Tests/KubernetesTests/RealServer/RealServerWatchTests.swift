import Foundation
import JSON
import Testing

@testable import Kubernetes

/// One at a time: one of them makes the server forget what another may be reading.
@Suite(.serialized)
struct RealServerWatchTests {
  @Test("A list of more than 500 objects comes in pages of one moment, and whole")
  func paging() async throws {
    let server = try RealServer()
    let metrics = RecordedMetrics()
    let client = KubernetesClient(configuration: try .kubeconfig(paths: [server.kubeconfig]), metrics: metrics)
    let namespace = try await server.namespace()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<520 {
        group.addTask {
          let object = KubernetesObject(.configMaps, namespace: namespace, name: "c\(index)")
          _ = try await client.create(object, as: .configMaps, namespace: namespace)
        }
      }
      try await group.waitForAll()
    }
    var names: Set<String> = []
    for try await event in client.objects(.configMaps, namespace: namespace, limit: 100) {
      if case .object(let object) = event { names.insert(object.name) }
    }
    #expect(names == Set((0..<520).map { "c\($0)" }))
    let gets = ["code": "200", "method": "GET", "host": client.configuration.address.authority]
    #expect(metrics.count("rest_client_requests_total", gets) == 6)
    let list = try await client.list(.configMaps, namespace: namespace)
    #expect(Set(list.items.map(\.name)) == names)
    #expect(list.items.allSatisfy { $0.kind == "ConfigMap" && $0.apiVersion == "v1" })
    let one = try await client.list(.configMaps, namespace: namespace, fieldSelector: "metadata.name=c7")
    #expect(one.items.map(\.name) == ["c7"])
  }

  @Test("A watch reports each change of what it selects, in order")
  func events() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    let start = try await client.list(.configMaps, namespace: namespace).resourceVersion
    let watch = try await client.watch(
      .configMaps,
      namespace: namespace,
      resourceVersion: start,
      labelSelector: "x=y",
      timeout: .seconds(60)
    )
    var object = KubernetesObject(.configMaps, namespace: namespace, name: "unlabelled")
    _ = try await client.create(object, as: .configMaps, namespace: namespace)
    object.name = "c"
    object.labels = ["x": "y"]
    let created = try await client.create(object, as: .configMaps, namespace: namespace)
    let patched = try await client.mergePatch(.configMaps, namespace: namespace, name: "c", patch: ["data": ["a": "1"]])
    try await client.delete(.configMaps, namespace: namespace, name: "c")
    var events = watch.makeAsyncIterator()
    #expect(try await events.next() == .added(created))
    #expect(try await events.next() == .modified(patched))
    guard case .deleted(let deleted) = try await events.next() else {
      Issue.record("no deletion")
      return
    }
    #expect(deleted.uid == created.uid)
  }

  @Test("A quiet watch brings a bookmark and ends in order when its time is over")
  func bookmark() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    let start = try await client.list(.configMaps, namespace: nil).resourceVersion
    let watch = try await client.watch(.configMaps, namespace: "nowhere", resourceVersion: start, timeout: .seconds(4))
    // Without a change since, of whatever the watch does not select, a bookmark would say nothing new.
    let object = KubernetesObject(.configMaps, namespace: namespace, name: "c")
    let created = try await client.create(object, as: .configMaps, namespace: namespace)
    var events: [WatchEvent] = []
    for try await event in watch { events.append(event) }
    guard case .bookmark(let version) = events.first else {
      Issue.record("no bookmark: \(events)")
      return
    }
    #expect(Int(version) ?? 0 >= Int(created.resourceVersion) ?? .max)
  }

  @Test("What the server has forgotten is gone: a watch from then, and the next page of a list")
  func gone() async throws {
    let server = try RealServer()
    let client = try server.client
    var objects = client.objects(.namespaces, namespace: nil, limit: 1).makeAsyncIterator()
    guard case .object = try await objects.next() else {
      Issue.record("no namespace")
      return
    }
    _ = try await server.namespace()
    try await server.compact()
    // Page and watch of events come from etcd itself, without a cache before it.
    let page = await apiStatus { _ = try await objects.next() }
    #expect(page?.isGone == true)
    let watch = await apiStatus {
      for try await _ in try await client.watch(.events, namespace: nil, resourceVersion: "1", timeout: .seconds(30)) {}
    }
    #expect(watch?.isGone == true)
    #expect(try await client.list(.namespaces, namespace: nil, limit: 1).items.count > 1)
  }

  @Test("A large list is compressed on its way and whole on arrival")
  func large() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    for index in 0..<4 {
      var object = KubernetesObject(.configMaps, namespace: namespace, name: "large\(index)")
      object.json["data"] = ["text": .string(String(repeating: "line \(index)\n", count: 60_000))]
      _ = try await client.create(object, as: .configMaps, namespace: namespace)
    }
    let list = try await client.list(.configMaps, namespace: namespace)
    #expect(list.items.count { $0.json[path: "data", "text"]?.string?.utf8.count == 420_000 } == 4)
  }
}
