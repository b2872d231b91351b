import ClusterSimulator
import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import PKI
import TestSupport
import Testing

@testable import MilvusTLS
@testable import Operator

/// Which handshakes go on, and with whom.
@Suite(.timeLimit(.minutes(2))) struct HandshakeRunnerTests {
  private static let key = UnwatchedOperator.key("a")

  /// Handshakes with ports where nobody listens, one of each pod.
  private func unanswered(_ pods: String...) throws -> TLSPlan.Handshakes {
    TLSPlan.Handshakes(endpoints: pods.map { endpoint(of: $0, port: 1) }, authorities: [try authority()], client: nil)
  }

  private func endpoint(
    of pod: String,
    host: String = "127.0.0.1",
    port: UInt16,
    serverName: String = "a",
    certificate: String = ""
  ) -> Endpoint {
    Endpoint(
      kind: .external,
      podName: pod,
      run: ContainerRun(podUID: pod, container: "c", restartCount: 0),
      host: host,
      port: port,
      serverName: serverName,
      certificate: certificate,
      requiresClientCertificate: false
    )
  }

  private func authority() throws -> Certificate {
    try CertificateAuthority.selfSigned(
      subject: DistinguishedName(commonName: "other"),
      algorithm: .ecdsa(.p256),
      validity: Validity(from: Date(), duration: 86400)
    ).certificate
  }

  @Test func podsThatAreNotAmongThoseToBeAskedAreAskedNoMoreAndThoseOfAnotherMilvusAre() async throws {
    try await UnwatchedOperator.run { parts in
      try await parts.handshakes.make(unanswered("p", "q"), for: Self.key)
      try await parts.handshakes.make(unanswered("r"), for: UnwatchedOperator.key("b"))
      try await eventually("three are asked") { await parts.handshakes.running == 3 }
      try await parts.handshakes.make(unanswered("p"), for: Self.key)
      try await eventually("two are") { await parts.handshakes.running == 2 }
      await parts.handshakes.make(nil, for: Self.key)
      try await eventually("one is") { await parts.handshakes.running == 1 }
    }
  }

  @Test(arguments: ["gone", "unreadable", "without handshakes"])
  func aMilvusWhosePlanWantsNoHandshakesIsAskedNoMore(kind: String) async throws {
    try await UnwatchedOperator.run { parts in
      if kind == "unreadable" { try await parts.apply(milvus: "a", annotations: ["tls.milvus.io/external": "maybe"]) }
      if kind == "without handshakes" {
        try await parts.apply(milvus: "a")
        let spec: JSONValue = ["external": ["mode": "OneWay"], "verification": ["handshake": false]]
        try await parts.apply(milvusTLS: "a", spec: spec)
      }
      try await parts.handshakes.make(unanswered("p"), for: Self.key)
      try await eventually("it is asked") { await parts.handshakes.running == 1 }
      _ = try await parts.reconciler.reconcile(Self.key)
      try await eventually("it is not") { await parts.handshakes.running == 0 }
    }
  }

  @Test func portsAreAskedAnewWhereTheAuthoritiesAreOthers() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/external": "OneWay"])
      try await harness.waitUntilVerified()
      let data = try #require(await harness.object(.secrets, "certs")?["data"])
      func certificate(_ key: String) throws -> Certificate {
        let text = try #require(data[key]?.string.flatMap { Data(base64Encoded: $0) })
        return try Certificate(pem: String(decoding: text, as: UTF8.self))
      }
      let address = try #require(
        await harness.object(.milvusTLS)?[path: "status", "endpoints"]?.array?
          .first { $0["name"]?.string?.hasSuffix("external") == true }?["address"]?.string?.split(separator: ":")
      )
      let endpoint = endpoint(
        of: "p",
        host: String(address[0]),
        port: try #require(UInt16(address[1])),
        serverName: "my-release-milvus.default.svc",
        certificate: try certificate("server.pem").sha256Fingerprint
      )
      let client = KubernetesClient(configuration: try .plain(server: harness.simulator.url))
      let runner = HandshakeRunner(client: client, logger: .silent) { _ in }
      let pod = try testPod("p", of: "a", uid: "p")
      func verdict() async -> Verdict? {
        let observation = Observation(now: Date(), milvus: nil, pods: [pod])
        return await runner.evidence(of: observation, for: Self.key).handshakes[endpoint.memoryKey]
      }
      let wrong = TLSPlan.Handshakes(endpoints: [endpoint], authorities: [try authority()], client: nil)
      await runner.make(wrong, for: Self.key)
      try await eventually("it refutes") { if case .refuted = await verdict() { true } else { false } }
      let right = TLSPlan.Handshakes(endpoints: [endpoint], authorities: [try certificate("ca.pem")], client: nil)
      await runner.make(right, for: Self.key)
      try await eventually(within: .seconds(20), "it confirms") {
        if case .confirmed = await verdict() { true } else { false }
      }
      await runner.make(wrong, for: Self.key)
      try await eventually(within: .seconds(20), "what has confirmed is asked anew, too") {
        if case .refuted = await verdict() { true } else { false }
      }
      await runner.stop()
    }
  }
}
