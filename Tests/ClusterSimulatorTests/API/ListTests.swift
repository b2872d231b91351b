import ClusterSimulator
import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct ListTests {
  @Test(arguments: [
    ("labelSelector=a%3Db", ["c1"]), ("labelSelector=a%3D%3Db", ["c1"]), ("labelSelector=a!%3Db", ["c2", "c3"]),
    ("labelSelector=a+in+%28b,c%29", ["c1", "c2"]), ("labelSelector=a%20notin%20(b)", ["c2", "c3"]),
    ("labelSelector=a", ["c1", "c2"]), ("labelSelector=!a", ["c3"]), ("labelSelector=a,a!%3Dc", ["c1"]),
    ("fieldSelector=metadata.name%3Dc2", ["c2"]), ("fieldSelector=metadata.name!%3Dc2", ["c1", "c3"]),
    ("", ["c1", "c2", "c3"]),
  ])
  func selectorsChooseObjects(query: String, names: [String]) async throws {
    try await Cluster.run { cluster async throws in
      for (name, labels) in [("c1", ["a": "b"]), ("c2", ["a": "c"]), ("c3", [:])] {
        try await cluster.simulator.store.create(Sample.configMap(name, labels: labels))
      }
      let list = try await cluster.http.send("GET", Sample.configMaps + "?" + query).json
      #expect(list.names == names)
      #expect(list["kind"] == "ConfigMapList")
    }
  }

  @Test func podsAreSelectedByPhase() async throws {
    try await Cluster.run { cluster async throws in
      let pod: JSONValue = [
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"], "spec": ["containers": [["name": "c"]]],
      ]
      try await cluster.simulator.store.create(pod)
      #expect(
        try await cluster.http.send("GET", Sample.pods + "?fieldSelector=status.phase%3DPending").json.names == ["p"]
      )
      #expect(
        try await cluster.http.send("GET", Sample.pods + "?fieldSelector=status.phase%3DRunning").json.names == []
      )
    }
  }

  @Test func pagesShowTheCollectionAsItWasAtTheFirst() async throws {
    try await Cluster.run { cluster async throws in
      for name in ["a", "b", "c", "d"] { try await cluster.simulator.store.create(Sample.configMap(name)) }
      let first = try await cluster.http.send("GET", Sample.configMaps + "?limit=2").json
      #expect(first.names == ["a", "b"])
      #expect(first[path: "metadata", "remainingItemCount"] == 2)

      try await cluster.simulator.store.delete(ObjectAddress(.configMaps, namespace: "default", name: "c"))
      try await cluster.simulator.store.create(Sample.configMap("bb"))
      let token = try #require(first[path: "metadata", "continue"]?.string)
      let second = try await cluster.http.send("GET", Sample.configMaps + "?limit=2&continue=\(token)").json
      #expect(second.names == ["c", "d"])
      #expect(second.resourceVersion == first.resourceVersion)
      #expect(second[path: "metadata", "continue"] == nil)

      await cluster.simulator.store.compact()
      let expired = try await cluster.http.send("GET", Sample.configMaps + "?limit=2&continue=\(token)")
      #expect(expired.code == 410)
      #expect(expired.json["reason"] == "Expired")
    }
  }

  @Test func allNamespacesAreListedInOrder() async throws {
    try await Cluster.run { cluster async throws in
      try await cluster.simulator.apply(yaml: "{apiVersion: v1, kind: Namespace, metadata: {name: another}}")
      for (namespace, name) in [("default", "a"), ("another", "z"), ("default", "b")] {
        try await cluster.simulator.store.create(Sample.secret(name, namespace: namespace))
      }
      #expect(try await cluster.http.send("GET", "/api/v1/secrets").json.names == ["z", "a", "b"])
      #expect(try await cluster.http.send("GET", Sample.secrets).json.names == ["a", "b"])
    }
  }

  @Test func aVersionThatIsNotReachedYetTimesOut() async throws {
    // As kube-apiserver 1.20.
    try await Cluster.run { cluster async throws in
      let answer = try await cluster.http.send("GET", Sample.configMaps + "?resourceVersion=1000000")
      #expect(answer.code == 504)
      #expect(
        answer.json["message"]?.string?.hasPrefix("Timeout: Too large resource version: 1000000, current: ") == true
      )
      #expect(answer.headers["retry-after"] == "1")
    }
  }

  @Test func listsOfCustomResourcesHaveAnEmptyTokenAtTheirEnd() async throws {
    // As kube-apiserver 1.20: a client must not take it for another page.
    try await Cluster.run { cluster async throws in
      #expect(try await cluster.http.send("GET", Sample.milvusTLS).json[path: "metadata", "continue"] == "")
      #expect(try await cluster.http.send("GET", Sample.secrets).json[path: "metadata", "continue"] == nil)
    }
  }
}
