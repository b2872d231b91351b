import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct DiscoveryTests {
  @Test func theServerTellsItsVersionAndThatItIsReady() async throws {
    try await Cluster.run { cluster async throws in
      #expect(try await cluster.client.version()["gitVersion"] == "v1.20.2")
      #expect(try await cluster.http.send("GET", "/readyz").text == "ok")
    }
  }

  @Test func groupsAndResourcesAreToldAsKubectlReadsThem() async throws {
    // Compared with kube-apiserver 1.20, and read by kubectl.
    try await Cluster.run { cluster in
      #expect(try await cluster.http.send("GET", "/api").json["versions"] == ["v1"])
      let version: JSONValue = ["groupVersion": "tls.milvus.io/v1alpha1", "version": "v1alpha1"]
      let group = try await cluster.http.send("GET", "/apis/tls.milvus.io").json
      #expect(
        group == [
          "kind": "APIGroup", "apiVersion": "v1", "name": "tls.milvus.io", "versions": [version],
          "preferredVersion": version,
        ]
      )
      let groups = try await cluster.http.send("GET", "/apis").json["groups"]?.array ?? []
      #expect(groups.contains { $0["name"] == "milvus.io" })
      let resources = try await cluster.http.send("GET", "/apis/tls.milvus.io/v1alpha1").json["resources"]?.array ?? []
      #expect(resources.map { $0["name"] } == ["milvustls", "milvustls/status"])
      #expect(resources.first?["shortNames"] == ["mvtls"])
    }
  }

  @Test func answersDoNotWaitForADelayedAcknowledgement() async throws {
    // With Nagle's algorithm on, each takes 40 ms once a connection is warm. The fastest tells, however busy the machine is.
    try await Cluster.run { cluster in
      var times: [Duration] = []
      for _ in 0..<100 { times.append(try await ContinuousClock().measure { _ = try await cluster.client.version() }) }
      let fastest = try #require(times.suffix(50).min())
      #expect(fastest < .milliseconds(30))
    }
  }
}
