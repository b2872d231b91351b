import ClusterSimulator
import JSON
import TestSupport
import Testing

@testable import Operator

/// Which events are written, and about what.
@Suite(.timeLimit(.minutes(5))) struct AnnouncerTests {
  private static let kinds = ["Milvus", "MilvusTLS"]

  /// The events about an object, each as type and reason.
  private func events(_ simulator: ClusterSimulator, about kind: String, _ name: String) async -> Set<String> {
    let events = await simulator.store.list(.events).filter {
      $0[path: "involvedObject", "kind"]?.string == kind && $0[path: "involvedObject", "name"]?.string == name
    }
    return Set(events.map { "\($0["type"]?.string ?? "") \($0["reason"]?.string ?? "")" })
  }

  @Test func whatIsDoneAndProvenIsAnEventOfTheMilvusAndOfItsMilvusTLSUnderTheReasonOfTheCondition() async throws {
    try await OperatorHarness.run { harness in
      try await harness.simulator.apply(
        yaml: """
          apiVersion: tls.milvus.io/v1alpha1
          kind: MilvusTLS
          metadata: {name: written, namespace: default}
          spec: {milvusRef: {name: my-release}, external: {mode: OneWay}}
          """
      )
      try await harness.apply(annotations: [:])
      let expected: Set = ["Normal Configured", "Normal HandshakesConfirm"]
      for (kind, name) in [("Milvus", "my-release"), ("MilvusTLS", "written")] {
        try await harness.eventually("\(kind) has the events") {
          await events(harness.simulator, about: kind, name).isSuperset(of: expected)
        }
        let reasons = await events(harness.simulator, about: kind, name).map { $0.split(separator: " ")[1] }
        let told = await harness.simulator.store.list(.events).filter {
          $0[path: "involvedObject", "kind"]?.string == kind && $0["message"]?.string?.hasPrefix("Issued ") ?? false
        }
        #expect(told.map { $0["reason"] } == ["Configured"], "one event for all that was done")
        #expect(told.first?["message"]?.string?.contains("server certificate in Secret certs: ") == true)
        #expect(told.first?["message"]?.string?.contains(". Configured external TLS OneWay") == true)
        #expect(Set(reasons).isDisjoint(with: ["NoPods", "RollingOut", "WaitingForPods", "WaitingForHandshakes"]))
      }
      for object in await harness.simulator.store.list(.events) {
        let subject = object["involvedObject"]
        let isMilvus = subject?["kind"] == "Milvus"
        let metadata = await harness.object(isMilvus ? .milvuses : .milvusTLS, isMilvus ? "my-release" : "written")
        #expect(subject?["uid"] == metadata?[path: "metadata", "uid"])
        #expect(subject?["apiVersion"] == (isMilvus ? "milvus.io/v1beta1" : "tls.milvus.io/v1alpha1"))
      }
    }
  }

  @Test func aRefusalIsAWarningOfBothAndWhatIsNotKnownIsNoEvent() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/external": "maybe"])
      for kind in Self.kinds {
        try await harness.eventually("\(kind) is warned of") {
          await events(harness.simulator, about: kind, "my-release") == ["Warning InvalidAnnotation"]
        }
      }
      #expect(await harness.condition("Verified") == "Unknown/NotReady")
    }
  }

  @Test func aMilvusTLSWithoutAMilvusHasItsEvent() async throws {
    try await OperatorHarness.run { harness in
      try await harness.simulator.apply(
        yaml: """
          apiVersion: tls.milvus.io/v1alpha1
          kind: MilvusTLS
          metadata: {name: my-release, namespace: default}
          spec: {external: {mode: OneWay}}
          """
      )
      try await harness.eventually("the MilvusTLS is warned of") {
        await events(harness.simulator, about: "MilvusTLS", "my-release") == ["Warning MilvusNotFound"]
      }
      #expect(await events(harness.simulator, about: "Milvus", "my-release").isEmpty)
    }
  }
}
