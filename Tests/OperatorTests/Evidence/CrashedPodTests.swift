import ClusterSimulator
import JSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CrashedPodTests {
  private static let panic = "panic: tls: failed to find any PEM data in certificate input"

  /// The container prints a last line, ends, and waits for its restart.
  private static func crash(_ pod: JSONValue, in simulator: ClusterSimulator) async throws {
    let name = pod[path: "metadata", "name"]?.string ?? ""
    let uid = pod[path: "metadata", "uid"]?.string ?? ""
    let container = pod[path: "spec", "containers"]?[0]?["name"]?.string ?? ""
    await simulator.logs.restart(uid: uid, container: container)
    await simulator.logs.append(panic, uid: uid, container: container)
    let address = ObjectAddress(.pods, namespace: "default", name: name)
    try await simulator.store.update(address, subresource: .status) {
      $0[JSONPointer("/status/containerStatuses")] = [
        [
          "name": .string(container), "restartCount": 1, "state": ["waiting": ["reason": "CrashLoopBackOff"]],
          "lastState": ["terminated": ["reason": "Error", "exitCode": 2]],
        ]
      ]
    }
  }

  @Test func aCrashedContainersTLSErrorIsQuotedAndNotReadAgainByAnOperatorThatStarts() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/internal": "true"])
      try await harness.waitUntilVerified()
      let pod = try #require(await harness.simulator.store.list(.pods).first)
      try await Self.crash(pod, in: harness.simulator)
      try await harness.eventually("the crash shows") { await harness.condition("Verified") == "False/LogRefutes" }
      let status = try #require(await harness.object(.milvusTLS)?["status"])
      #expect(status["pods"]?.array?.contains { $0["evidence"]?.string == Self.panic } == true)
      #expect(status["conditions"]?.description.contains(Self.panic) == true)

      await harness.stopOperator()
      harness.simulator.resetRequests()
      try harness.start()
      try await harness.apply("other", annotations: ["tls.milvus.io/external": "maybe"])
      try await harness.eventually("the operator has been through its lists") {
        await harness.condition("Ready", of: "other") == "False/InvalidAnnotation"
      }
      #expect(harness.simulator.requests.count(.get) == 0, "no log is read twice")
    }
  }
}
