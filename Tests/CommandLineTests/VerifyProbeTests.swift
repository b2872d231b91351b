import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing

/// `milvus-tls verify --probe`, on pods that listen.
@Suite(.timeLimit(.minutes(5))) struct VerifyProbeTests {
  @Test func thePortsAreAskedNowAndNothingIsWritten() async throws {
    try await Cluster.run(podsListen: true) { cluster in
      try await cluster.operateUntilVerified()
      let proven = try #require(await cluster.milvusTLS)
      // What the operator has proven is gone, and so is the operator.
      try await cluster.setStatus(Self.withoutProof(proven), of: "my-release")
      let stored = try #require(await cluster.milvusTLS)
      #expect(try await cluster.run("verify", "my-release").status == 3)

      let probe = try await cluster.run("verify", "my-release", "--probe", "-o", "json")
      #expect(probe.errors == "")
      #expect(probe.status == 0)
      let report = try JSONValue(parsing: probe.output)
      #expect(report["verified"] == "True")
      #expect(report["reason"] == "HandshakesConfirm")
      let endpoints = try #require(report["endpoints"]?.array)
      #expect(endpoints.map { $0["address"] } == proven[path: "status", "endpoints"]?.array?.map { $0["address"] })
      #expect(!endpoints.isEmpty)
      for endpoint in endpoints {
        #expect(endpoint["verdict"] == "True")
        #expect(endpoint["evidence"]?.string?.contains("refuses a client without a certificate") ?? false)
      }
      #expect(report["plaintext"]?.array?.contains { $0["port"] == 9091 } ?? false)
      #expect(await cluster.milvusTLS == stored)
    }
  }

  @Test(arguments: [
    // Nothing listens there.
    ("127.255.255.254", "connection refused: nothing listens on the port"),
    // The broadcast address: no TCP connection leads there (RFC 1122, 4.2.3.10).
    ("255.255.255.255", "not reachable from this machine: "),
  ])
  func aPortThatDoesNotAnswerIsUnknownHoweverItAnsweredTheOperator(host: String, reason: String) async throws {
    try await Cluster.run(podsListen: true) { cluster in
      try await cluster.operateUntilVerified()
      for pod in await cluster.simulator.store.list(.pods) {
        let address = ObjectAddress(.pods, namespace: "default", name: pod[path: "metadata", "name"]?.string ?? "")
        try await cluster.simulator.store.update(address, subresource: .status) {
          $0[JSONPointer(["status", "podIP"])] = .string(host)
        }
      }
      #expect(try await cluster.run("verify", "my-release").status == 0)
      let probe = try await cluster.run("verify", "my-release", "--probe")
      #expect(probe.status == 3)
      #expect(probe.output.contains("HandshakeUnclear"), "\(probe.output)")
      #expect(probe.output.contains("\(host):19530: \(reason)"), "\(probe.output)")
    }
  }

  @Test func aReleaseThatTheOperatorHasStillToChangeIsNotJudged() async throws {
    try await Cluster.run(podsListen: true) { cluster in
      try await cluster.operateUntilVerified()
      try await cluster.simulator.store.update(ObjectAddress(.milvuses, namespace: "default", name: "my-release")) {
        $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/external"])] = "OneWay"
      }
      let probe = try await cluster.run("verify", "my-release", "--probe")
      #expect(probe.status == 1)
      #expect(probe.output == "")
      #expect(
        probe.errors
          == "Error: --probe: the operator has not finished a change of Milvus \"my-release\": "
          + "wait until its MilvusTLS is Ready, or use verify without --probe\n"
      )
    }
  }

  @Test func itCannotBeWatched() async throws {
    let probe = try await ProgramRun.run(["verify", "my-release", "--probe", "--watch"])
    #expect(probe.status == 2)
    #expect(probe.errors.contains("--probe: cannot be used with --watch"))
  }

  /// The status of an operator that has verified nothing yet.
  private static func withoutProof(_ object: JSONValue) -> JSONValue {
    var status = object["status"] ?? [:]
    status["endpoints"] = []
    status["plaintext"] = []
    let conditions = status["conditions"]?.array ?? []
    status["conditions"] = .array(
      conditions.map { condition in
        guard condition["type"] == "Verified" else { return condition }
        return condition.merging(["status": "Unknown", "reason": "WaitingForHandshakes", "message": "no handshake yet"])
      }
    )
    return status
  }
}

extension Cluster {
  fileprivate var milvusTLS: JSONValue? {
    get async { await simulator.store.object(.milvusTLS, name: "my-release") }
  }

  /// Runs the operator on a Milvus with two-way TLS until the status says that its pods are verified, and ends it.
  fileprivate func operateUntilVerified() async throws {
    let process = Process(milvusTLS: ["operator", "--kubeconfig", kubeconfig, "--log-level", "critical"])
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    defer { if process.isRunning { process.terminate() } }
    let changes = await simulator.store.changes()
    try await simulator.apply(
      yaml: """
        apiVersion: milvus.io/v1beta1
        kind: Milvus
        metadata: {name: my-release, namespace: default, annotations: {tls.milvus.io/external: TwoWay}}
        spec: {components: {standalone: {serviceRestfulPort: 8080}}}
        """
    )
    try await eventually(after: changes, "the pods are verified") {
      let conditions = await milvusTLS?[path: "status", "conditions"]?.array ?? []
      return conditions.contains { $0["type"] == "Verified" && $0["status"] == "True" }
    }
    process.terminate()
    for await _ in ends {}
  }
}
