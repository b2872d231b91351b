import ClusterSimulator
import Foundation
import JSON
import KubernetesRuntime
import MilvusTLS
import TestSupport
import Testing

@testable import Operator

/// What a write that meets a newer state takes from the server, and what it leaves to the watch, which wakes others.
@Suite(.timeLimit(.minutes(1))) struct NewerStateTests {
  private let a = UnwatchedOperator.key("a")

  @Test func aMilvusTLSThatNamesAnotherMilvusByNowIsNotPlannedForTheFormerAndWakesTheOther() async throws {
    try await UnwatchedOperator.run { parts in
      try await parts.apply(milvus: "a")
      try await parts.apply(milvusTLS: "tls", spec: ["milvusRef": ["name": "a"], "external": ["mode": "OneWay"]])
      var observation = await parts.observation(of: "a")
      try await parts.simulator.store.update(ObjectAddress(.milvusTLS, namespace: "default", name: "tls")) {
        $0["spec"]?["milvusRef"] = ["name": "b"]
      }
      let status = try #require(TLSPlanner.failure("no", observation))
      #expect(try await !parts.executor.write(status, key: a, observation: &observation))
      #expect(observation.milvusTLS.isEmpty)
      let watch = Task { await parts.view.milvusTLS.run() }
      #expect(await parts.woken(2) == ["a", "b"])
      watch.cancel()
      await watch.value
    }
  }

  @Test func whatAReadBringsOfASecretThatTwoUseWakesTheOther() async throws {
    try await UnwatchedOperator.run { parts in
      for name in ["a", "b"] {
        try await parts.apply(
          milvusTLS: name,
          spec: ["external": ["mode": "OneWay"], "authority": ["secretName": "corporate"]]
        )
      }
      try await parts.apply(secret: "corporate")
      var observation = await parts.observation(of: "a")
      try await parts.executor.lookUp("corporate", for: a, &observation)
      #expect(await parts.woken(1) == ["b"])
      #expect(observation.unmanagedVersions["corporate"] != nil)
      // Nothing new: nobody is woken by it again.
      try await parts.executor.lookUp("corporate", for: a, &observation)
      await parts.queue.add(UnwatchedOperator.key("last"))
      #expect(await parts.woken(1) == ["last"])
    }
  }

  @Test func aSecretThatComesBeforeTheStatusNamesItWakesItsMilvusOnce() async throws {
    try await UnwatchedOperator.run { parts in
      try await parts.apply(milvus: "a")
      let certificate: JSONValue = ["source": "Provided", "secretName": "late"]
      try await parts.apply(milvusTLS: "a", spec: ["external": ["mode": "OneWay"], "certificate": certificate])
      try await parts.apply(secret: "late")
      var reconciler = parts.reconciler
      reconciler.collectors = [
        Interruption {
          var observation = await parts.observation(of: "b")
          _ = try? await parts.executor.lookUp("late", for: UnwatchedOperator.key("b"), &observation)
        }
      ]
      for expected in ["a", "last"] {
        _ = try await reconciler.reconcile(a)
        await parts.queue.add(UnwatchedOperator.key("last"))
        #expect(await parts.woken(1) == [expected])
        for name in ["a", "last"] { await parts.queue.finish(UnwatchedOperator.key(name)) }
      }
    }
  }

  @Test func aCertificateOfAnotherMilvusIsSeenAndNotAnnounced() async throws {
    try await UnwatchedOperator.run { parts in
      let definition = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/certificate-crd.yaml")
      try await parts.simulator.apply(yaml: String(contentsOf: definition, encoding: .utf8))
      let certificate = { (milvus: String) -> JSONValue in
        [
          "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
          "metadata": [
            "name": "certs", "namespace": "default",
            "labels": [
              "app.kubernetes.io/managed-by": "milvus-tls-operator", "tls.milvus.io/milvus": .string(milvus),
            ],
          ],
          "spec": ["secretName": "certs", "issuerRef": ["name": "issuer"]],
        ]
      }
      _ = try await parts.simulator.store.create(certificate("b"))
      try await parts.apply(milvus: "a")
      var observation = await parts.observation(of: "a")
      observation.certManager = .installed([:])
      let action = TLSPlan.Action.applyCertificate(certificate("a"), replacing: nil)
      #expect(try await !parts.executor.perform(action, key: a, observation: &observation))
      guard case .installed(let certificates) = observation.certManager else { return }
      #expect(certificates["certs"]?.milvus == "b")
      #expect(!parts.log.lines.contains { $0.contains("cert-manager for Certificate") })
      #expect(parts.view.certManager.milvus(ofSecret: UnwatchedOperator.key("certs")) == nil)
    }
  }

  @Test func anAuthorityThatIsGoneWithoutTheStoreKnowingIsMadeAgainAtOnce() async throws {
    try await UnwatchedOperator.run { parts in
      try await parts.apply(milvus: "a", annotations: ["tls.milvus.io/external": "OneWay"])
      _ = try await parts.reconciler.reconcile(a)
      let store = parts.simulator.store
      let before = await store.object(.secrets, name: "certs-ca")?[path: "metadata", "uid"]
      try await store.delete(ObjectAddress(.secrets, namespace: "default", name: "certs-ca"))
      try await store.update(ObjectAddress(.milvuses, namespace: "default", name: "a")) {
        $0["metadata"]?["annotations"]?["tls.milvus.io/rotate"] = "now"
      }
      try await parts.learn(.milvuses, "a")
      parts.simulator.resetRequests()
      _ = try await parts.reconciler.reconcile(a)
      let after = try #require(await store.object(.secrets, name: "certs-ca")?[path: "metadata", "uid"])
      #expect(after != before)
      #expect(parts.simulator.requests.entries.count { $0.verb == .get && $0.code == 404 } == 1)
      let status = await store.object(.milvusTLS, name: "a")?["status"]
      #expect(status?.condition("Ready")?["reason"] == "Configured")
    }
  }
}

/// Something that happens between the observation of a Milvus and the writes for it.
private struct Interruption: EvidenceCollector {
  let happen: @Sendable () async -> Void

  func evidence(of observation: Observation, for milvus: ObjectKey) async -> Evidence {
    await happen()
    return Evidence()
  }

  func collect(_ request: EvidenceRequest, for milvus: ObjectKey) async {}
  func forget(_ pod: ObservedPod) async {}
  func stop() async {}
}
