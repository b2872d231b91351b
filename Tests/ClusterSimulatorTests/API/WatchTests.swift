import ClusterSimulator
import JSON
import Kubernetes
import Testing

@Suite(.timeLimit(.minutes(5))) struct WatchTests {
  private let address = ObjectAddress(.configMaps, namespace: "default", name: "a")

  private func next(_ iterator: inout WatchStream.Iterator) async throws -> String {
    switch try await iterator.next() {
    case .added(let object): "ADDED \(object.name)"
    case .modified(let object): "MODIFIED \(object.name)"
    case .deleted(let object): "DELETED \(object.name)"
    case .bookmark(let version): "BOOKMARK \(version)"
    case nil: "END"
    }
  }

  @Test func changesArriveAsTheyHappen() async throws {
    try await Cluster.run { cluster in
      let list = try await cluster.client.list(.configMaps, namespace: "default")
      let stream = try await cluster.client.watch(
        .configMaps,
        namespace: "default",
        resourceVersion: list.resourceVersion
      )
      var events = stream.makeAsyncIterator()
      try await cluster.simulator.store.create(Sample.configMap("a"))
      #expect(try await next(&events) == "ADDED a")
      try await cluster.simulator.store.update(address) { $0["data"] = ["x": "y"] }
      #expect(try await next(&events) == "MODIFIED a")
      try await cluster.simulator.store.delete(address)
      #expect(try await next(&events) == "DELETED a")
    }
  }

  @Test func anEventIsOneLineWithTheWholeObject() async throws {
    // Compared with kube-apiserver 1.20: a deleted object carries the version of its deletion.
    try await Cluster.run { cluster in
      let before = try await cluster.http.send("GET", Sample.configMaps).json.resourceVersion
      try await cluster.simulator.store.create(Sample.configMap("a", data: ["x": "y"]))
      let made = try await cluster.http.send("GET", Sample.configMaps + "/a").json
      try await cluster.simulator.store.delete(address)
      let query = "?watch=1&timeoutSeconds=1&resourceVersion=\(before)"
      let answer = try await cluster.http.send("GET", Sample.configMaps + query)
      #expect(answer.headers["content-type"] == "application/json")
      #expect(answer.events.count == 2)
      #expect(answer.events.first == ["type": "ADDED", "object": made])
      var last = made
      last[JSONPointer("/metadata/resourceVersion")] = .string(String(made.resourceVersion + 1))
      #expect(answer.events.last == ["type": "DELETED", "object": last])
    }
  }

  @Test(arguments: ["", "&resourceVersion=0"])
  func withoutAVersionItStartsWithWhatIsThere(version: String) async throws {
    try await Cluster.run { cluster in
      for name in ["b", "a"] { try await cluster.simulator.store.create(Sample.configMap(name)) }
      let answer = try await cluster.http.send("GET", Sample.configMaps + "?watch=1&timeoutSeconds=1" + version)
      #expect(answer.events.map { $0["type"] } == ["ADDED", "ADDED"])
      #expect(answer.events.compactMap { $0[path: "object", "metadata", "name"]?.string } == ["a", "b"])
    }
  }

  @Test func anObjectThatStartsToMatchIsAddedAndOneThatCeasesToIsDeleted() async throws {
    // Compared with kube-apiserver 1.20.
    try await Cluster.run { cluster in
      let list = try await cluster.client.list(.configMaps, namespace: "default")
      let stream = try await cluster.client.watch(
        .configMaps,
        namespace: "default",
        resourceVersion: list.resourceVersion,
        labelSelector: "kept=yes"
      )
      var events = stream.makeAsyncIterator()
      try await cluster.simulator.store.create(Sample.configMap("a"))
      try await cluster.simulator.store.update(address) { $0[JSONPointer("/metadata/labels")] = ["kept": "yes"] }
      #expect(try await next(&events) == "ADDED a")
      try await cluster.simulator.store.update(address) { $0["data"] = ["x": "y"] }
      #expect(try await next(&events) == "MODIFIED a")
      try await cluster.simulator.store.update(address) { $0[JSONPointer("/metadata/labels")] = ["kept": "no"] }
      #expect(try await next(&events) == "DELETED a")
    }
  }

  @Test func aVersionThatIsForgottenIsExpired() async throws {
    // As kube-apiserver 1.20: code 200, and the failure as an event.
    try await Cluster.run { cluster in
      let before = try await cluster.http.send("GET", Sample.configMaps).json.resourceVersion
      try await cluster.simulator.store.create(Sample.configMap("a"))
      await cluster.simulator.store.compact()
      let answer = try await cluster.http.send("GET", Sample.configMaps + "?watch=1&resourceVersion=\(before)")
      #expect(answer.code == 200)
      #expect(answer.events.map { $0["type"] } == ["ERROR"])
      let status = answer.events.first?["object"]
      #expect(status?["code"] == 410)
      #expect(status?["reason"] == "Expired")
      #expect(status?["message"]?.string == "too old resource version: \(before) (\(before + 1))")
    }
  }

  @Test func onlyTheConfiguredHistoryIsKept() async throws {
    var options = ClusterSimulator.Options()
    options.historyLimit = 5
    try await Cluster.run(options) { cluster in
      let before = try await cluster.http.send("GET", Sample.configMaps).json.resourceVersion
      for index in 0..<20 { try await cluster.simulator.store.create(Sample.configMap("c\(index)")) }
      let old = try await cluster.http.send("GET", Sample.configMaps + "?watch=1&resourceVersion=\(before)")
      #expect(old.events.first?["type"] == "ERROR")
      let recent = Sample.configMaps + "?watch=1&timeoutSeconds=1&resourceVersion=\(before + 18)"
      #expect(try await cluster.http.send("GET", recent).events.map { $0["type"] } == ["ADDED", "ADDED"])
    }
  }

  @Test func bookmarksTellHowFarAQuietWatchIs() async throws {
    var options = ClusterSimulator.Options()
    options.bookmarkInterval = .milliseconds(10)
    try await Cluster.run(options) { cluster in
      let list = try await cluster.client.list(.configMaps, namespace: "default")
      let stream = try await cluster.client.watch(
        .configMaps,
        namespace: "default",
        resourceVersion: list.resourceVersion
      )
      var events = stream.makeAsyncIterator()
      let other = try await cluster.simulator.store.create(Sample.secret("elsewhere"))
      // The first bookmarks may be older than the Secret.
      var seen = ""
      while seen != "BOOKMARK \(other.resourceVersion)" { seen = try await next(&events) }
      #expect(seen.hasPrefix("BOOKMARK"))
    }
  }

  @Test func aWatchEndsWhenItsTimeIsUp() async throws {
    try await Cluster.run { cluster in
      let query = "?watch=1&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=5"
      let clock = ContinuousClock()
      let start = clock.now
      let answer = try await cluster.http.send("GET", Sample.configMaps + query)
      #expect(clock.now - start >= .seconds(1))
      #expect(answer.events.map { $0["type"] } == ["BOOKMARK"])
    }
  }

  @Test(arguments: [true, false])
  func watchesCanBeCut(abruptly: Bool) async throws {
    try await Cluster.run { cluster in
      let list = try await cluster.client.list(.configMaps, namespace: "default")
      let stream = try await cluster.client.watch(
        .configMaps,
        namespace: "default",
        resourceVersion: list.resourceVersion
      )
      var events = stream.makeAsyncIterator()
      await cluster.simulator.cutWatches(of: .secrets)
      try await cluster.simulator.store.create(Sample.configMap("a"))
      #expect(try await next(&events) == "ADDED a", "another resource's watch goes on")
      await cluster.simulator.cutWatches(of: .configMaps, abruptly: abruptly)
      if abruptly {
        await #expect(throws: KubernetesError.self) { while try await events.next() != nil {} }
      } else {
        #expect(try await next(&events) == "END")
      }
    }
  }
}
