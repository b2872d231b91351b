import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing

@testable import Operator

/// What others do to the operator's objects, and refuse it, while it runs.
@Suite(.timeLimit(.minutes(5))) struct RecoveryTests {
  private let both = ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"]

  private func uid(of secret: String, _ harness: OperatorHarness) async -> String? {
    await harness.object(.secrets, secret)?[path: "metadata", "uid"]?.string
  }

  @Test(arguments: ["certs", "certs-client", "certs-ca"])
  func aDeletedSecretIsMadeAgain(name: String) async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      let before = try #require(await uid(of: name, harness))
      try await harness.simulator.store.delete(ObjectAddress(.secrets, namespace: "default", name: name))
      try await harness.eventually("\(name) is there again") {
        guard let after = await uid(of: name, harness) else { return false }
        return after != before
      }
      try await harness.waitUntilVerified()
    }
  }

  @Test func twoMilvusAtOnceInANamespaceGetSecretsOfTheirOwn() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      try await harness.apply("one", annotations: both)
      try await harness.apply("two", annotations: both)
      try harness.start()
      try await harness.waitUntilVerified("one")
      try await harness.waitUntilVerified("two")
      var owners: [String: Int] = [:]
      for secret in await harness.simulator.store.list(.secrets) {
        owners[secret[path: "metadata", "ownerReferences"]?[0]?["name"]?.string ?? "none", default: 0] += 1
      }
      #expect(owners == ["one": 3, "two": 3])
    }
  }

  @Test func aWriteThatFailsWhileNothingElseHappensIsTriedAgain() async throws {
    try await OperatorHarness.run(milvusStartDelay: nil, startsOperator: false) { harness in
      let down = ServerStatus(code: 500, reason: "InternalError", message: "down")
      harness.simulator.faults.failNext(2, RequestMatch(.create, "milvustls"), with: down)
      try await harness.apply(annotations: both)
      try harness.start()
      try await harness.eventually("it is configured") { await harness.condition("Ready") == "True/Configured" }
    }
  }

  @Test func aWriteThatIsForbiddenIsToldInAConditionAndAnEvent() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      let forbidden = ServerStatus(code: 403, reason: "Forbidden", message: "secrets is forbidden: quota")
      harness.simulator.faults.failNext(1000, RequestMatch(.create, "secrets"), with: forbidden)
      try await harness.apply(annotations: both)
      let clock = SetClock()
      try harness.start(failures: FailureMemory(now: clock.now))
      try await eventually("it has been refused") {
        harness.simulator.requests.writes.count { $0.code == 403 } >= 2
      }
      clock.advance(by: .seconds(10))
      try await harness.waitForEvent("ReconcileFailed")
      #expect(await harness.condition("Ready") == "False/ReconcileFailed")
      #expect(!harness.simulator.requests.writes.contains { $0.resource == "milvuses" })
      harness.simulator.faults.clear()
      try await harness.waitUntilVerified()
    }
  }

  @Test func nothingIsIssuedWhileTheClocksDiffer() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      harness.simulator.faults.clockOffset = -3600
      try harness.start()
      try await harness.apply(annotations: ["tls.milvus.io/external": "OneWay"])
      try await harness.eventually("it is told") { await harness.condition("Ready") == "False/ReconcileFailed" }
      #expect(await harness.simulator.store.list(.secrets).isEmpty)
      // The log has the line after the status.
      try await harness.eventually("the log says it") {
        harness.log.lines.contains { $0.contains("clocks of the operator and the API server differ by more than 5m") }
      }
      harness.simulator.faults.clockOffset = 240
      try await harness.eventually("it is ready") { await harness.condition("Ready") == "True/Configured" }
    }
  }

  @Test func besideAForeignSecretNothingIsWritten() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "certs", "namespace": "default"],
        "data": ["server.pem": "eA==", "server.key": "eA=="],
      ]
      try await harness.simulator.apply(yaml: foreign.description)
      let before = await harness.object(.secrets, "certs")
      try await harness.apply(annotations: both)
      try harness.start()
      try await harness.eventually("it is told") { await harness.condition("Ready") == "False/SecretInvalid" }
      #expect(await harness.object(.secrets, "certs") == before)
      #expect(await harness.simulator.store.list(.secrets).count == 1)
      #expect(!harness.simulator.requests.writes.contains { $0.resource == "milvuses" || $0.resource == "secrets" })
      try await harness.simulator.store.delete(ObjectAddress(.secrets, namespace: "default", name: "certs"))
      try await harness.waitUntilVerified()
    }
  }

  @Test func aSecretChangedMeanwhileIsReadAgainAndNotOverwritten() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      harness.simulator.resetRequests()
      let conflict = ServerStatus(code: 409, reason: "Conflict", message: "the object has been modified")
      harness.simulator.faults.failNext(1, RequestMatch(.patch, "secrets"), with: conflict)
      try await harness.simulator.store.update(ObjectAddress(.secrets, namespace: "default", name: "certs-client")) {
        $0["data"]?["client.key"] = nil
      }
      try await harness.eventually("it is whole again") {
        await harness.object(.secrets, "certs-client")?["data"]?["client.key"] != nil
      }
      let requests = harness.simulator.requests.entries.filter { $0.resource == "secrets" && $0.name == "certs-client" }
      #expect(requests.map(\.verb) == [.patch, .get, .patch])
    }
  }

  @Test func aDeletedMilvusTLSOfAPersonLeavesTLSOnWithAWarning() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: [:], spec: ["config": ["quota": 1]])
      let milvusTLS: JSONValue = [
        "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS",
        "metadata": ["name": "my-release", "namespace": "default"], "spec": ["internal": ["enabled": true]],
      ]
      try await harness.simulator.apply(yaml: milvusTLS.description)
      try await harness.waitUntilVerified()
      try await harness.simulator.store.delete(ObjectAddress(.milvusTLS, namespace: "default", name: "my-release"))
      try await harness.waitForEvent("Abandoned")
      #expect(await harness.object(.milvuses)?[path: "spec", "config", "internaltls"] != nil)
    }
  }

  @Test func aMilvusNestedDeeperThanParsersGoKeepsNobodyElseWaiting() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      var deep: JSONValue = 1
      for _ in 0..<1000 { deep = ["a": deep] }
      let milvus: JSONValue = [
        "apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": ["name": "deep", "namespace": "default"],
        "spec": ["config": deep],
      ]
      _ = try await harness.simulator.store.create(milvus)
      try harness.start()
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
    }
  }
}
