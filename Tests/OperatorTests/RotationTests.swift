import ClusterSimulator
import Foundation
import JSON
import MilvusTLS
import PKI
import Testing

/// Rotations over the whole way: watches, writes, restarts of simulated pods, real handshakes with them.
@Suite(.timeLimit(.minutes(5))) struct RotationTests {
  private static let milvus = ObjectAddress(.milvuses, namespace: "default", name: "my-release")

  private func running(_ harness: OperatorHarness, _ spec: String = "{}") async throws {
    try await harness.simulator.apply(
      yaml: """
        apiVersion: tls.milvus.io/v1alpha1
        kind: MilvusTLS
        metadata: {name: my-release, namespace: default}
        spec: {external: {mode: TwoWay}, internal: {enabled: true}, authority: {overlap: 0s}, clients: \(spec)}
        """
    )
    try await harness.apply(annotations: [:])
    try await harness.waitUntilVerified()
  }

  private func annotate(_ harness: OperatorHarness, _ name: String, _ value: String) async throws {
    try await harness.simulator.store.update(Self.milvus) {
      $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/" + name])] = .string(value)
    }
  }

  private func certificates(_ harness: OperatorHarness, _ secret: String, _ key: String) async throws -> [Certificate] {
    let data = await harness.object(.secrets, secret)?["data"]?[key]?.string
    let pem = data.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
    return try Certificate.chain(pem: pem ?? "")
  }

  @Test func anAuthorityThatIsAskedForReplacesTheFormerWithEveryPodVerifiedAtEachStep() async throws {
    try await OperatorHarness.run { harness in
      try await running(harness, "[{name: client}]")
      let former = try await certificates(harness, "certs-ca", "ca.pem")
      // What was asked for before is not asked for again by what keeps certificates or keys.
      try await annotate(harness, "rotate", "before")
      try await harness.eventually("the certificates are renewed") {
        let status = await harness.object(.milvusTLS)?["status"]
        return status?[path: "certificate", "rotation"]?.string == "before"
          && status?.condition("Verified")?["status"] == "True"
      }
      try await annotate(harness, "rotate-authority", "1")
      try await harness.eventually("the authority is replaced") {
        let status = await harness.object(.milvusTLS)?["status"]
        return status?[path: "authority", "rotation"]?.string == "1" && status?[path: "authority", "step"] == nil
          && status?.condition("Verified")?["status"] == "True"
          && status?.condition("AuthorityRotating")?["status"] == "False"
      }
      let present = try await certificates(harness, "certs-ca", "ca.pem")
      #expect(present != former)
      for (secret, key) in [("certs", "server.pem"), ("certs-client", "client.pem")] {
        #expect(try await certificates(harness, secret, "ca.pem") == present)
        #expect(try await certificates(harness, secret, key)[0].isIssued(by: present[0]))
      }
      #expect(await harness.object(.secrets, "certs-ca")?["data"]?.object?.keys.sorted() == ["ca.key", "ca.pem"])
      let told = harness.log.lines.joined(separator: "\n")
      for step in ["CA rotation 1/3", "CA rotation 2/3", "CA rotation started with a new CA in Secret certs-ca"] {
        #expect(told.contains(step), "\(step)")
      }
      #expect(!told.contains("PRIVATE KEY"))
    }
  }

  @Test func aClientThatIsNotListedAnyMoreLosesItsSecret() async throws {
    try await OperatorHarness.run { harness in
      try await running(harness, "[{name: one}, {name: two}]")
      #expect(await harness.object(.secrets, "certs-two") != nil)
      let milvusTLS = ObjectAddress(.milvusTLS, namespace: "default", name: "my-release")
      try await harness.simulator.store.update(milvusTLS) {
        $0[JSONPointer(["spec", "clients"])] = [["name": "one"]]
      }
      try await harness.eventually("the Secret is gone") { await harness.object(.secrets, "certs-two") == nil }
      #expect(await harness.object(.secrets, "certs-one") != nil)
      try await harness.waitForEvent("Deleted")
    }
  }

  @Test func anAuthorityOfItsOwnerIsFollowedWhenItChanges() async throws {
    try await OperatorHarness.run { harness in
      let authorities = try ["one", "two"].map { name in
        try CertificateAuthority.selfSigned(
          subject: DistinguishedName(commonName: name),
          algorithm: .ecdsa(.p256),
          validity: Validity(from: Date(), duration: 400 * 86400)
        )
      }
      let secrets = try authorities.map { authority in
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: corporate, namespace: default}
        stringData: \(JSONValue.object([
          "ca.pem": .string(authority.certificate.pem), "ca.key": .string(try authority.key.pem()),
        ]).description)
        """
      }
      try await harness.simulator.apply(yaml: secrets[0])
      try await harness.simulator.apply(
        yaml: """
          apiVersion: tls.milvus.io/v1alpha1
          kind: MilvusTLS
          metadata: {name: my-release, namespace: default}
          spec: {external: {mode: TwoWay}, authority: {secretName: corporate, overlap: 0s}}
          """
      )
      try await harness.apply(annotations: [:])
      try await harness.waitUntilVerified()
      #expect(try await certificates(harness, "certs", "server.pem")[0].isIssued(by: authorities[0].certificate))
      try await harness.simulator.apply(yaml: secrets[1])
      try await harness.eventually("everything is of the second") {
        let trusted = try? await certificates(harness, "certs", "ca.pem")
        return trusted == [authorities[1].certificate]
      }
      try await harness.waitUntilVerified()
      #expect(try await certificates(harness, "certs-client", "client.pem")[0].isIssued(by: authorities[1].certificate))
      let writes = harness.simulator.requests.writes.filter { $0.name == "corporate" }
      #expect(writes.isEmpty)
    }
  }
}
