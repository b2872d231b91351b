import ClusterSimulator
import JSON
import TestSupport
import Testing

/// Simulated pods that serve a certificate of their image, which the operator leaves alone.
@Suite(.timeLimit(.minutes(5))) struct HiddenFilesTests {
  @Test func whatThePodsServeIsVerifiedAndItsExpiryExported() async throws {
    try await OperatorHarness.run { harness in
      try await harness.simulator.apply(
        yaml: """
          apiVersion: milvus.io/v1beta1
          kind: Milvus
          metadata: {name: my-release, namespace: default}
          spec:
            config:
              common: {security: {tlsMode: 1}}
              proxy: {http: {port: 8080}}
              tls:
                serverPemPath: /milvus/configs/cert/server.pem
                serverKeyPath: /milvus/configs/cert/server.key
                caPemPath: /milvus/configs/cert/ca.pem
          """
      )
      try await harness.waitUntilVerified()
      #expect(await harness.condition("Ready") == "False/FilesNotVisible")
      #expect(await harness.condition("Verified") == "True/HandshakesConfirm")
      let certificate = try #require(await harness.object(.milvusTLS)?[path: "status", "certificate"])
      #expect(certificate["source"] == "Pods")
      #expect(certificate["notAfter"] != nil)
      let series = "milvus_tls_certificate_expiration_timestamp_seconds{"
      try await eventually("the metric has it") { harness.metrics.exposition().contains(series) }
      #expect(await harness.simulator.store.list(.secrets).isEmpty)
      try await harness.eventually("9091 is found") {
        await harness.condition("PlaintextExposed")?.hasPrefix("True") == true
      }
    }
  }
}
