import ClusterSimulator
import JSON
import Testing

/// Handshakes with simulated pods that listen on Milvus's ports.
@Suite(.timeLimit(.minutes(5))) struct HandshakeTests {
  private func told(_ harness: OperatorHarness) async -> [String: String] {
    let endpoints = await harness.object(.milvusTLS)?[path: "status", "endpoints"]?.array ?? []
    return endpoints.reduce(into: [:]) { result, item in
      let kind = item["name"]?.string?.split(separator: "/").last.map(String.init) ?? ""
      result[kind] = "\(item["verdict"]?.string ?? "") \(item["evidence"]?.string ?? "")"
    }
  }

  @Test func eachPortOfATwoWayReleaseIsProvenAndRESTIsAskedOverHTTP() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"])
      try await harness.waitUntilVerified()
      try await harness.eventually("every port has confirmed") {
        let evidence = await told(harness)
        return evidence["rest"]?.hasPrefix("True") == true && evidence["internal-53100"]?.hasPrefix("True") == true
      }
      let evidence = await told(harness)
      let twoWay =
        "refuses a client without a certificate, refuses a client certificate from an untrusted CA, accepts the client certificate of the operator"
      #expect(evidence["external"]?.contains(twoWay) == true, "\(evidence)")
      #expect(evidence["rest"]?.hasSuffix("\(twoWay); answers HTTP 200") == true, "\(evidence)")
      #expect(await harness.condition("Verified") == "True/LogsAndHandshakesConfirm")
      let log = harness.log.lines.joined()
      #expect(!log.contains("PRIVATE KEY"))
    }
  }

  @Test func podsThatWereNotRestartedServeTheFormerCertificateAndThatIsTold() async throws {
    try await OperatorHarness.run { harness in
      try await harness.simulator.apply(
        yaml: """
          apiVersion: tls.milvus.io/v1alpha1
          kind: MilvusTLS
          metadata: {name: my-release, namespace: default}
          spec: {external: {mode: OneWay}, rotation: {restart: false}}
          """
      )
      try await harness.apply(annotations: [:])
      try await harness.waitUntilVerified()
      let milvus = ObjectAddress(.milvuses, namespace: "default", name: "my-release")
      try await harness.simulator.store.update(milvus) {
        $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/rotate"])] = "1"
      }
      try await harness.eventually("the port refutes") {
        await harness.condition("Verified") == "False/HandshakeRefutes"
      }
      #expect(await told(harness)["external"]?.contains("not the certificate in the Secret") == true)
      #expect(await harness.condition("RestartPending") == "True/RestartIsOff")
    }
  }

  @Test func aClientOfAnotherSecretIsShownFromThenOn() async throws {
    try await OperatorHarness.run { harness in
      let no = ServerStatus(code: 404, reason: "NotFound", message: "no")
      harness.simulator.faults.failNext(.max, RequestMatch(.get, "secrets", name: "certs-one"), with: no)
      let address = ObjectAddress(.milvusTLS, namespace: "default", name: "my-release")
      try await harness.simulator.apply(
        yaml: """
          apiVersion: tls.milvus.io/v1alpha1
          kind: MilvusTLS
          metadata: {name: my-release, namespace: default}
          spec: {external: {mode: TwoWay}, clients: [{name: one}]}
          """
      )
      try await harness.apply(annotations: [:])
      try await harness.eventually("the client cannot be shown") {
        await harness.condition("Verified") == "Unknown/HandshakeUnclear"
      }
      try await harness.simulator.store.update(address) { $0["spec"]?["clients"] = [["name": "two"]] }
      try await harness.eventually(within: .seconds(30), "the other is let in") {
        await harness.condition("Verified") == "True/HandshakesConfirm"
      }
    }
  }
}
