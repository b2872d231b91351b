import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct PlanTests {
  @Test func ofAMilvusThatAsksForTLSItTellsTheWholeStoryAndWritesNothing() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: ["tls.milvus.io/external": "TwoWay"])
      let run = try await cluster.run("plan", "my-release", "-o", "json")
      #expect(run.errors == "")
      #expect(run.status == 0)
      let plan = try JSONValue(parsing: run.output)
      let first = try #require(plan["steps"]?[0])
      #expect(first["time"] == plan["from"])
      #expect(
        first["writes"]?.array?.compactMap { write in
          (write["kind"]?.string).flatMap { kind in write["name"]?.string.map { "\(kind) \($0)" } }
        } == ["MilvusTLS my-release", "Secret certs-ca", "Secret certs", "Secret certs-client"]
      )
      let fields = try #require(first["milvus"]?.array)
      #expect(
        fields.contains(["field": "spec.config.common.security.tlsMode", "old": .null, "new": 2]),
        "\(fields)"
      )
      #expect(plan["end"] == .null)
      #expect(cluster.simulator.requests.writes.isEmpty)
      let text = try await cluster.run("plan", "my-release").output
      #expect(text.contains("\n  Milvus spec.config.common.security.tlsMode: <none> -> 2\n"))
      #expect(text.contains("\n  Secret certs: new server certificate: "))
      #expect(!(text + run.output).contains("PRIVATE KEY"))
    }
  }

  @Test func ofAReleaseInPlaceItTellsRenewalsAndRestarts() async throws {
    try await Cluster.run { cluster in
      let stored = try await cluster.runOperator(spec: ["external": ["mode": "OneWay"]])
      let writes = cluster.simulator.requests.writes.count
      let plan = try await cluster.plan()
      #expect(cluster.simulator.requests.writes.count == writes)
      let renewals = plan.steps.filter { $0.secrets.contains("certs") }
      let renewal = try #require(renewals.first)
      #expect(renewal["time"] == stored[path: "status", "certificate", "renewalTime"])
      #expect(renewal["restartedPods"] == 1)
      #expect(renewal["milvus"]?.array?.count == 1, "only what the pods carry")
      let before = plan.steps.prefix { $0 != renewal }
      #expect(before.allSatisfy { $0["restartedPods"] == .null && $0.secrets == ["certs-client"] }, "\(before)")
      #expect(plan["end"] == .null)
    }
  }

  @Test func aRestartWaitsForItsWindow() async throws {
    try await Cluster.run { cluster in
      // At noon of every Sunday.
      let window: JSONValue = ["schedule": "0 12 * * 0", "duration": "2h"]
      let stored = try await cluster.runOperator(
        spec: ["external": ["mode": "OneWay"], "rotation": ["windows": [window]]]
      )
      let plan = try await cluster.plan()
      #expect(plan["windows"] == [window])
      let waiting = try #require(plan.steps.first { $0["conditions"]?[0]?["reason"] == "OutsideWindow" })
      #expect(waiting["time"] == stored[path: "status", "certificate", "renewalTime"])
      #expect(waiting["restartedPods"] == .null)
      let restart = try #require(plan.steps.first { $0["restartedPods"] == 1 })
      let time = try Date(try #require(restart["time"]?.string), strategy: .iso8601)
      #expect(Int(time.timeIntervalSince1970) % 86400 == 12 * 3600)
      // 1 January 1970 was a Thursday.
      #expect(Int(time.timeIntervalSince1970) / 86400 % 7 == 3)
      let text = try await cluster.run("plan", "my-release").output
      #expect(text.contains("\nRestarts wait for these windows:\n  duration 2h, schedule 0 12 * * 0\n"))
    }
  }

  @Test func aRotationOfTheCAIsToldStepByStep() async throws {
    try await Cluster.run { cluster in
      _ = try await cluster.runOperator(spec: ["external": ["mode": "OneWay"], "authority": ["overlap": "48h"]])
      try await cluster.simulator.store.update(ObjectAddress(.milvuses, namespace: "default", name: "my-release")) {
        $0[JSONPointer(["metadata", "annotations"])] = ["tls.milvus.io/rotate-authority": "now"]
      }
      let plan = try await cluster.plan()
      let rotation = plan.steps.prefix(5)
      let restarts = rotation.filter { $0["restartedPods"] == 1 }.compactMap { $0["time"]?.string }
        .compactMap { try? Date($0, strategy: .iso8601) }
      try #require(restarts.count >= 3, "\(plan)")
      let start = try Date(try #require(plan["from"]?.string), strategy: .iso8601)
      #expect(restarts[0].timeIntervalSince(start) < 300)
      #expect((172_500..<173_300).contains(restarts[1].timeIntervalSince(restarts[0])))
      #expect((172_500..<173_300).contains(restarts[2].timeIntervalSince(restarts[1])))
      let reasons = rotation.flatMap { $0["conditions"]?.array ?? [] }.compactMap { $0["reason"]?.string }
      #expect(["TrustingBoth", "Replacing", "Completed"].allSatisfy(reasons.contains), "\(reasons)")
    }
  }

  @Test func whereSomebodyHasToActThePlanEnds() async throws {
    try await Cluster.run { cluster in
      try await cluster.simulator.store.create([
        "apiVersion": "milvus.io/v1beta1", "kind": "Milvus",
        "metadata": [
          "name": "my-release", "namespace": "default", "annotations": ["tls.milvus.io/external": "OneWay"],
        ],
        "spec": ["config": ["common": ["security": ["tlsMode": 0]]]],
      ])
      let run = try await cluster.run("plan", "my-release")
      #expect(run.output.contains("\n  Ready=False Conflict: "))
      #expect(run.output.contains("\nAfter that: not Ready (Conflict: "))
      #expect(run.status == 0)
      let missing = try await cluster.run("plan", "missing")
      #expect(missing.errors == "Error: Milvus \"missing\" not found in namespace default\n")
      #expect(missing.status == 1)
    }
  }
}

extension Cluster {
  /// Makes a Milvus with a MilvusTLS, and runs the operator until its pods are rolled.
  /// - Returns: the MilvusTLS.
  fileprivate func runOperator(spec: JSONValue) async throws -> JSONValue {
    let process = Process(milvusTLS: ["operator", "--kubeconfig", kubeconfig, "--log-level", "critical"])
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    defer { if process.isRunning { process.terminate() } }
    let changes = await simulator.store.changes()
    // Only programs inside the simulator reach its pods.
    let checks: JSONValue = ["verification": ["handshake": false, "plaintext": false]]
    try await simulator.store.create([
      "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS",
      "metadata": ["name": "my-release", "namespace": "default"], "spec": spec.merging(checks),
    ])
    try await put(milvus: [:])
    try await eventually(after: changes, "the pods are rolled") {
      let stored = await simulator.store.object(.milvusTLS, name: "my-release")
      return stored?[path: "status", "conditions"]?.array?
        .contains { $0["type"] == "Verified" && $0["reason"] == "HandshakesNotMade" } ?? false
    }
    // From here on nothing changes any more.
    process.terminate()
    for await _ in ends {}
    return try #require(await simulator.store.object(.milvusTLS, name: "my-release"))
  }

  fileprivate func plan() async throws -> JSONValue {
    let run = try await run("plan", "my-release", "-o", "json")
    #expect(run.status == 0, "\(run.errors)")
    return try JSONValue(parsing: run.output)
  }
}

extension JSONValue {
  fileprivate var steps: [JSONValue] { self["steps"]?.array ?? [] }

  /// Names of the Secrets that a step writes.
  fileprivate var secrets: [String] {
    (self["writes"]?.array ?? []).filter { $0["kind"] == "Secret" }.compactMap { $0["name"]?.string }
  }
}
