import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import MilvusTLS
import PKI
import Testing

@testable import Operator

@Suite struct RolloutLimiterTests {
  private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

  @Test func aFewBeginAndTheOthersHaveTheirTurnInOrder() {
    let limiter = RolloutLimiter(limit: 2)
    #expect(limiter.begin(key("a")) && limiter.begin(key("b")))
    #expect(!limiter.begin(key("c")) && !limiter.begin(key("d")))
    #expect(limiter.begin(key("a")), "one that has begun goes on")
    #expect(limiter.settle(key("a"), isRolling: true, isWaiting: false) == nil)
    #expect(limiter.settle(key("a"), isRolling: false, isWaiting: false) == key("c"))
    #expect(limiter.begin(key("c")))
    #expect(limiter.settle(key("b"), isRolling: false, isWaiting: false) == key("d"))
  }

  @Test func rolloutsForAnotherReasonCount() {
    let limiter = RolloutLimiter(limit: 1)
    #expect(limiter.settle(key("a"), isRolling: true, isWaiting: false) == nil)
    #expect(!limiter.begin(key("b")))
    #expect(limiter.settle(key("b"), isRolling: false, isWaiting: true) == nil, "a is still rolled")
    #expect(limiter.settle(key("a"), isRolling: false, isWaiting: false) == key("b"))
  }

  @Test func oneThatNoLongerWantsToIsForgotten() {
    let limiter = RolloutLimiter(limit: 1)
    #expect(limiter.begin(key("a")))
    #expect(!limiter.begin(key("b")))
    #expect(limiter.settle(key("b"), isRolling: false, isWaiting: false) == nil)
    #expect(limiter.settle(key("a"), isRolling: false, isWaiting: false) == nil)
  }

  // MARK: Reconciling

  @Test func aMilvusWaitsForItsTurnToBeRolledForChangedDefaults() async throws {
    try await UnwatchedOperator.run { parts in
      let a = UnwatchedOperator.key("a")
      try await parts.apply(milvus: "a")
      try await parts.apply(milvusTLS: "a", spec: ["external": ["mode": "OneWay"]])
      _ = try await parts.reconciler.reconcile(a)
      try await finishRollout(parts)
      let former = try await replaceByFormerDefaults(parts)
      for name in ["b", "c", "d"] { #expect(parts.reconciler.limiter.begin(UnwatchedOperator.key(name))) }
      _ = try await parts.reconciler.reconcile(a)
      #expect(try await served(parts) == former)
      let pending = await parts.observation(of: "a").milvusTLS.first?.status.condition(.rotationPending)
      #expect(pending?.reason == PendingReason.rolloutLimit.rawValue)

      let limiter = parts.reconciler.limiter
      #expect(limiter.settle(UnwatchedOperator.key("b"), isRolling: false, isWaiting: false) == a)
      _ = try await parts.reconciler.reconcile(a)
      #expect(try await served(parts) != former)
      #expect(try await Certificate.chain(pem: served(parts))[0].dnsNames.contains("localhost"))
    }
  }

  /// As milvus-operator does once every Deployment is as the Milvus says.
  private func finishRollout(_ parts: UnwatchedOperator) async throws {
    let patch: JSONValue = ["status": ["observedGeneration": 1000]]
    let name = "a"
    _ = try await parts.client.mergePatch(
      .milvuses,
      namespace: "default",
      name: name,
      patch: patch,
      subresource: "status"
    )
    try await parts.learn(.milvuses, name)
  }

  private func text(_ secret: String, _ entry: String, _ parts: UnwatchedOperator) async throws -> String {
    let object = try await parts.client.get(.secrets, namespace: "default", name: secret)
    let data = try #require(object.json["data"]?[entry]?.string.flatMap { Data(base64Encoded: $0) })
    return String(decoding: data, as: UTF8.self)
  }

  private func served(_ parts: UnwatchedOperator) async throws -> String {
    try await text("certs", "server.pem", parts)
  }

  /// Puts a certificate into the Secret as an operator would have issued it that did not add `localhost`.
  private func replaceByFormerDefaults(_ parts: UnwatchedOperator) async throws -> String {
    let authority = try await CertificateAuthority(
      certificate: Certificate.chain(pem: text("certs-ca", "ca.pem", parts))[0],
      key: PrivateKey(pem: text("certs-ca", "ca.key", parts))
    )
    let present = try await Certificate.chain(pem: served(parts))[0]
    let former = try await authority.issue(
      LeafRequest(
        purpose: .server,
        subject: present.subject,
        dnsNames: present.dnsNames.filter { $0 != "localhost" },
        ipAddresses: present.ipAddresses,
        validity: Validity(notBefore: present.notBefore, notAfter: present.notAfter)
      ),
      key: PrivateKey(pem: text("certs", "server.key", parts))
    )
    let changed = try await parts.client.mergePatch(
      .secrets,
      namespace: "default",
      name: "certs",
      patch: ["data": ["server.pem": .string(Data(former.pem.utf8).base64EncodedString())]]
    )
    parts.view.secrets.store.insert(changed)
    return former.pem
  }
}
