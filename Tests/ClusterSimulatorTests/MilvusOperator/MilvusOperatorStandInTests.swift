import ClusterSimulator
import JSON
import Testing

// By the merge rules of milvus-operator.
@Suite(.timeLimit(.minutes(5))) struct MilvusOperatorStandInTests {
  private static let secretVolume: JSONValue = ["name": "certs", "secret": ["secretName": "certs"]]
  private static let mount: JSONValue = ["name": "certs", "mountPath": "/certs", "readOnly": true]
  private static let address = ObjectAddress(.milvuses, namespace: "default", name: "m")
  private let certificates: [String: String]

  init() throws {
    certificates = try MilvusCertificates().files()
  }

  private static func milvus(_ spec: JSONValue) -> JSONValue {
    ["apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": ["name": "m"], "spec": spec]
  }

  /// A Milvus with internal TLS, its mount and its image.
  private static func internalTLS(mode: JSONValue = "standalone", components: JSONValue = [:]) -> JSONValue {
    var components = components
    components["image"] = components["image"] ?? "milvusdb/milvus:v2.5.4"
    components["volumes"] = [secretVolume]
    components["volumeMounts"] = [mount]
    return milvus([
      "mode": mode, "components": components,
      "config": [
        "common": ["security": ["internaltlsEnabled": true]],
        "internaltls": [
          "serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem",
        ],
      ],
    ])
  }

  private static func condition(_ type: String, of milvus: JSONValue?) -> JSONValue? {
    milvus?[path: "status", "conditions"]?.array?.first { $0["type"]?.string == type }
  }

  private static func isThrough(_ cluster: Cluster) async -> Bool {
    let milvus = await cluster.simulator.store.object(address)
    return condition("MilvusUpdated", of: milvus)?["status"] == "True"
      && milvus?[path: "status", "observedGeneration"] == milvus?[path: "metadata", "generation"]
  }

  private static func pods(_ cluster: Cluster) async -> [JSONValue] { await cluster.simulator.store.list(.pods) }

  private static func isReady(_ pod: JSONValue) -> Bool {
    pod[path: "status", "containerStatuses"]?[0]?["ready"] == true
  }

  private func waitForRollout(_ cluster: Cluster) async throws {
    try await cluster.eventually("the rollout is through") { await Self.isThrough(cluster) }
  }

  @Test func aPodWaitsForItsSecretAndThenTellsThatTLSIsOn() async throws {
    try await Cluster.run(milvus: true) { cluster in
      let store = cluster.simulator.store
      try await store.create(Self.internalTLS())
      try await cluster.eventually("the pod waits") {
        let pod = await Self.pods(cluster).first
        return pod?[path: "status", "containerStatuses"]?[0]?[path: "state", "waiting", "reason"] == "ContainerCreating"
      }
      #expect(await Self.pods(cluster).first?[path: "status", "phase"] == "Pending")
      #expect(await store.object(Self.address)?[path: "status", "status"] == "Pending")

      try await store.create(Sample.secret("certs", certificates))
      try await waitForRollout(cluster)
      let pod = try #require(await Self.pods(cluster).first)
      #expect(pod[path: "status", "phase"] == "Running")
      #expect(Self.isReady(pod))
      #expect(await store.object(Self.address)?[path: "status", "status"] == "Healthy")
      let name = try #require(pod[path: "metadata", "name"]?.string)
      let log = try await cluster.http.send("GET", Sample.pods + "/\(name)/log?container=standalone").text
      #expect(log.contains("[\"Internal TLS Enabled\"] [value=true]\n"))
    }
  }

  @Test func podsCarryTheLabelsAndContainersOfMilvusOperator() async throws {
    try await Cluster.run(milvus: true) { cluster in
      try await cluster.simulator.store.create(Sample.secret("certs", certificates))
      try await cluster.simulator.store.create(Self.internalTLS(mode: "cluster"))
      try await waitForRollout(cluster)
      let pods = await Self.pods(cluster)
      let components = pods.compactMap { $0[path: "metadata", "labels", "app.kubernetes.io/component"]?.string }
      #expect(components.sorted() == ["datanode", "indexnode", "mixcoord", "proxy", "querynode"])
      #expect(components == pods.compactMap { $0[path: "spec", "containers"]?[0]?["name"]?.string })
      for pod in pods {
        #expect(pod[path: "metadata", "labels", "app.kubernetes.io/name"] == "milvus")
        #expect(pod[path: "metadata", "labels", "app.kubernetes.io/instance"] == "m")
        #expect(pod[path: "metadata", "labels", "app.kubernetes.io/managed-by"] == "milvus-operator")
      }
      #expect(await cluster.simulator.store.object(.services, name: "m-milvus") != nil)
    }
  }

  @Test func streamingNodesTakeThePlaceOfIndexNodesFromTwoSix() async throws {
    try await Cluster.run(milvus: true) { cluster in
      let components: JSONValue = ["image": "milvusdb/milvus:v2.6.0"]
      try await cluster.simulator.store.create(Self.milvus(["mode": "cluster", "components": components]))
      try await waitForRollout(cluster)
      let names = await Self.pods(cluster).compactMap { $0[path: "spec", "containers"]?[0]?["name"]?.string }
      #expect(names.contains("streamingnode") && !names.contains("indexnode"))
    }
  }

  @Test func aChangedTemplateReplacesPodsAndNothingElseDoes() async throws {
    try await Cluster.run(milvus: true) { cluster in
      let store = cluster.simulator.store
      try await store.create(Sample.secret("certs", certificates))
      try await store.create(Self.internalTLS())
      try await waitForRollout(cluster)
      let first = try #require(await Self.pods(cluster).first?[path: "metadata", "name"])
      let changes = await store.changes()

      try await store.update(Self.address) { $0[JSONPointer("/metadata/labels")] = ["a": "b"] }
      let mark = ["tls.milvus.io/certificate": "digest"] as JSONValue
      try await store.update(Self.address) { $0[JSONPointer("/spec/components/podAnnotations")] = mark }
      try await waitForRollout(cluster)
      let pods = await Self.pods(cluster)
      #expect(pods.count == 1)
      #expect(pods.first?[path: "metadata", "name"] != first)
      #expect(pods.first?[path: "metadata", "annotations", "tls.milvus.io/certificate"] == "digest")

      // The new pod was ready before the old one went.
      var isNewReady = false
      for await event in changes where event.key.resource == .pods {
        if event.object[path: "metadata", "name"] != first, Self.isReady(event.object) { isNewReady = true }
        if event.kind == .deleted { break }
      }
      #expect(isNewReady)
    }
  }

  @Test func aConfigurationThatShallNotRollReachesTheConfigMapOnly() async throws {
    try await Cluster.run(milvus: true) { cluster in
      let store = cluster.simulator.store
      let components: JSONValue = ["image": "milvusdb/milvus:v2.5.4", "updateConfigMapOnly": true]
      try await store.create(Self.milvus(["components": components]))
      try await waitForRollout(cluster)
      let first = await Self.pods(cluster).first?[path: "metadata", "uid"]
      try await store.update(Self.address) { $0[JSONPointer("/spec/config")] = ["log": ["level": "debug"]] }
      try await cluster.eventually("the ConfigMap has it") {
        await store.object(.configMaps, name: "m")?[path: "data", "user.yaml"]?.string?.contains("debug") == true
      }
      try await waitForRollout(cluster)
      #expect(await Self.pods(cluster).map { $0[path: "metadata", "uid"] } == [first])
    }
  }

  @Test func aPausedMilvusIsNotRolled() async throws {
    try await Cluster.run(milvus: true) { cluster in
      let store = cluster.simulator.store
      try await store.create(Self.milvus(["components": ["image": "milvusdb/milvus:v2.5.4"]]))
      try await waitForRollout(cluster)
      let first = await Self.pods(cluster).first?[path: "metadata", "uid"]
      try await store.update(Self.address) {
        $0[JSONPointer("/spec/components/paused")] = true
        $0[JSONPointer("/spec/components/podAnnotations")] = ["a": "b"]
      }
      try await cluster.eventually("the change is seen") {
        let milvus = await store.object(Self.address)
        return milvus?[path: "status", "observedGeneration"] == 2
          && Self.condition("MilvusUpdated", of: milvus)?["status"] == "False"
      }
      #expect(await Self.pods(cluster).map { $0[path: "metadata", "uid"] } == [first])
    }
  }

  @Test func aComponentWithItsOwnVolumesAndTheCommonMountIsRefused() async throws {
    // A component's volumes replace the common list, its mounts are added to the common ones.
    try await Cluster.run(milvus: true) { cluster in
      let own: JSONValue = ["volumes": [["name": "data", "emptyDir": [:]]]]
      try await cluster.simulator.store.create(Self.internalTLS(components: ["standalone": own]))
      try await cluster.eventually("it is unhealthy") {
        await cluster.simulator.store.object(Self.address)?[path: "status", "status"] == "Unhealthy"
      }
      let condition = Self.condition("MilvusUpdated", of: await cluster.simulator.store.object(Self.address))
      #expect(
        condition?["message"]
          == "Deployment.apps \"m-milvus-standalone\" is invalid: spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"certs\""
      )
    }
  }

  @Test func aMountGoesOnlyWhenItIsTakenAwayByName() async throws {
    try await Cluster.run(milvus: true) { cluster in
      let store = cluster.simulator.store
      try await store.create(Sample.secret("certs", certificates))
      try await store.create(Self.internalTLS())
      try await waitForRollout(cluster)
      func paths() async -> [JSONValue?] {
        let mounts = await Self.pods(cluster).first?[path: "spec", "containers"]?[0]?["volumeMounts"]?.array ?? []
        return mounts.map { $0["mountPath"] }
      }
      try await store.update(Self.address) {
        for part in [["config"], ["components", "volumes"], ["components", "volumeMounts"]] {
          $0[JSONPointer(["spec"] + part)] = nil
        }
      }
      try await waitForRollout(cluster)
      #expect(await paths().contains("/certs"))
      try await store.update(Self.address) {
        $0[JSONPointer("/spec/components/volumeMounts")] = [["name": "_remove", "mountPath": "/certs"]]
      }
      try await waitForRollout(cluster)
      #expect(await !paths().contains("/certs"))
      let volumes = await Self.pods(cluster).first?[path: "spec", "volumes"]?.array ?? []
      #expect(volumes.contains(Self.secretVolume), "the volume stays")
    }
  }

  @Test func aPodThatFailsTriesAgainWhenItsSecretIsCompleted() async throws {
    let authority = try #require(certificates["ca.pem"])
    try await Cluster.run(milvus: true) { cluster in
      let store = cluster.simulator.store
      try await store.create(Sample.secret("certs", certificates.filter { $0.key != "ca.pem" }))
      try await store.create(Self.internalTLS())
      try await cluster.eventually("the pod runs and is not ready") {
        let pod = await Self.pods(cluster).first
        return pod?[path: "status", "phase"] == "Running" && pod.map(Self.isReady) == false
      }
      try await store.update(ObjectAddress(.secrets, namespace: "default", name: "certs")) {
        $0["stringData"] = ["ca.pem": .string(authority)]
      }
      try await waitForRollout(cluster)
      #expect(await Self.pods(cluster).first?[path: "status", "containerStatuses"]?[0]?["restartCount"] == 1)
    }
  }

  @Test func aContainerIsStartedOnceHoweverLateAnEventTellsOfItsPod() async throws {
    try await Cluster.run(milvus: true) { cluster in
      let store = cluster.simulator.store
      for index in 1...30 {
        var milvus = Self.milvus(["components": ["image": "milvusdb/milvus:v2.5.4"]])
        milvus["metadata"] = ["name": .string("m\(index)")]
        try await store.create(milvus)
      }
      try await cluster.eventually("all are healthy") {
        await store.list(.milvuses).allSatisfy { $0[path: "status", "status"] == "Healthy" }
      }
      let pods = await Self.pods(cluster)
      #expect(pods.count == 30)
      #expect(pods.allSatisfy { $0[path: "status", "containerStatuses"]?[0]?["restartCount"] == 0 })
    }
  }

  @Test func theImageIsWrittenIntoASpecThatNamesNone() async throws {
    try await Cluster.run(milvus: true) { cluster in
      try await cluster.simulator.store.create(Self.milvus([:]))
      try await waitForRollout(cluster)
      let milvus = await cluster.simulator.store.object(Self.address)
      #expect(milvus?[path: "spec", "components", "image"] == "milvusdb/milvus:v2.5.4")
    }
  }

  @Test func everythingGoesWithTheMilvus() async throws {
    try await Cluster.run(milvus: true) { cluster in
      let store = cluster.simulator.store
      try await store.create(Self.milvus([:]))
      try await waitForRollout(cluster)
      try await store.delete(Self.address)
      for resource in [ResourceIdentifier.pods, .deployments, .services, .configMaps] {
        #expect(await store.list(resource).isEmpty)
      }
    }
  }
}
