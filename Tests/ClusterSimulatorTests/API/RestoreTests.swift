import ClusterSimulator
import JSON
import Kubernetes
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct RestoreTests {
  private func put(_ names: String..., in cluster: Cluster) async throws {
    for name in names { try await cluster.simulator.store.create(Sample.configMap(name)) }
  }

  private func list(_ cluster: Cluster) async throws -> JSONValue {
    try await cluster.http.send("GET", Sample.configMaps).json
  }

  @Test func objectsAndVersionsAreThoseOfTheBackup() async throws {
    try await Cluster.run { cluster in
      try await put("kept", "deleted", in: cluster)
      let before = try await list(cluster)
      let backup = await cluster.simulator.store.backup()
      try await put("lost", in: cluster)
      try await cluster.simulator.store.delete(ObjectAddress(.configMaps, namespace: "default", name: "deleted"))
      await cluster.simulator.store.restore(backup)
      #expect(try await list(cluster) == before)
      let version = try await cluster.client.currentVersion(of: .configMaps, namespace: "default")
      #expect(version == String(before.resourceVersion))
      try await put("new", in: cluster)
      #expect(try await list(cluster).resourceVersion == before.resourceVersion + 1)
    }
  }

  @Test func watchesBreakAndOneFromALaterVersionLeavesOutWhatComesBeforeIt() async throws {
    // Compared with kube-apiserver 1.20 after a restore of its etcd.
    try await Cluster.run { cluster in
      let version = try await list(cluster).resourceVersion
      let backup = await cluster.simulator.store.backup()
      let broken = try await cluster.client.watch(
        .configMaps,
        namespace: "default",
        resourceVersion: String(version)
      )
      var events = broken.makeAsyncIterator()
      try await put("a", "b", in: cluster)
      for _ in 0..<2 { _ = try await events.next() }
      await cluster.simulator.store.restore(backup)
      await #expect(throws: KubernetesError.self) { while try await events.next() != nil {} }

      let query = "?watch=1&timeoutSeconds=1&resourceVersion="
      async let answer = cluster.http.send("GET", Sample.configMaps + query + "\(version + 2)")
      // The watch is open before anything is written.
      try await eventually("the watch") { cluster.simulator.requests.count(.watch) == 2 }
      try await put("unseen", "unseen-too", "seen", in: cluster)
      #expect(try await answer.events.map { $0[path: "object", "metadata", "name"] } == ["seen"])
    }
  }

  @Test func aWatchFromBeforeTheBackupIsTooOld() async throws {
    try await Cluster.run { cluster in
      let version = try await list(cluster).resourceVersion
      try await put("a", in: cluster)
      await cluster.simulator.store.restore(await cluster.simulator.store.backup())
      let query = "?watch=1&timeoutSeconds=1&resourceVersion=\(version)"
      let answer = try await cluster.http.send("GET", Sample.configMaps + query)
      #expect(answer.events.first?[path: "object", "code"] == 410)
    }
  }
}
