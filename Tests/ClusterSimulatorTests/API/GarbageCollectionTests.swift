import ClusterSimulator
import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct GarbageCollectionTests {
  private func owned(_ name: String, by owners: [JSONValue]) -> JSONValue {
    let references = owners.map { owner -> JSONValue in
      [
        "apiVersion": "v1", "kind": "ConfigMap", "name": owner[path: "metadata", "name"] ?? "",
        "uid": owner[path: "metadata", "uid"] ?? "",
      ]
    }
    return Sample.configMap(name, metadata: ["ownerReferences": .array(references)])
  }

  private func names(in cluster: Cluster) async throws -> [String] {
    try await cluster.http.send("GET", Sample.configMaps).json.names
  }

  @Test func whatAnObjectOwnsGoesWithIt() async throws {
    try await Cluster.run { cluster in
      let store = cluster.simulator.store
      let root = try await store.create(Sample.configMap("root"))
      let child = try await store.create(owned("child", by: [root]))
      try await store.create(owned("grandchild", by: [child]))
      try await store.create(Sample.configMap("stranger"))
      _ = try await cluster.http.send("DELETE", Sample.configMaps + "/root")
      #expect(try await names(in: cluster) == ["stranger"])
    }
  }

  @Test func anObjectStaysWhileOneOfItsOwnersDoes() async throws {
    try await Cluster.run { cluster in
      let store = cluster.simulator.store
      let one = try await store.create(Sample.configMap("one"))
      let two = try await store.create(Sample.configMap("two"))
      try await store.create(owned("shared", by: [one, two]))
      _ = try await cluster.http.send("DELETE", Sample.configMaps + "/one")
      #expect(try await names(in: cluster) == ["shared", "two"])
      _ = try await cluster.http.send("DELETE", Sample.configMaps + "/two")
      #expect(try await names(in: cluster) == [])
    }
  }

  @Test func orphansStay() async throws {
    try await Cluster.run { cluster in
      let root = try await cluster.simulator.store.create(Sample.configMap("root"))
      try await cluster.simulator.store.create(owned("child", by: [root]))
      _ = try await cluster.http.send("DELETE", Sample.configMaps + "/root", ["propagationPolicy": "Orphan"])
      let child = try await cluster.http.send("GET", Sample.configMaps + "/child")
      #expect(child.code == 200)
      #expect(child.json[path: "metadata", "ownerReferences"] == nil)
    }
  }

  @Test func anObjectMadeForAnOwnerThatIsGoneGoesAsWell() async throws {
    try await Cluster.run { cluster in
      let root = try await cluster.simulator.store.create(Sample.configMap("root"))
      _ = try await cluster.http.send("DELETE", Sample.configMaps + "/root")
      #expect(try await cluster.http.send("POST", Sample.configMaps, owned("late", by: [root])).code == 201)
      #expect(try await names(in: cluster) == [])
    }
  }

  @Test func aNamespaceTakesItsObjectsAlong() async throws {
    try await Cluster.run { cluster in
      try await cluster.simulator.apply(yaml: "{apiVersion: v1, kind: Namespace, metadata: {name: other}}")
      try await cluster.simulator.store.create(Sample.secret("s", namespace: "other"))
      try await cluster.simulator.store.create(Sample.secret("s"))
      _ = try await cluster.http.send("DELETE", "/api/v1/namespaces/other")
      #expect(try await cluster.http.send("GET", "/api/v1/secrets").json["items"]?.array?.count == 1)
    }
  }
}
