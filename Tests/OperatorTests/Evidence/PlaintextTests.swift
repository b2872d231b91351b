import ClusterSimulator
import JSON
import TestSupport
import Testing

/// What simulated pods answer without TLS beside their TLS ports.
@Suite(.timeLimit(.minutes(5))) struct PlaintextTests {
  private func exposed(_ harness: OperatorHarness) async -> [String] {
    let ports = await harness.object(.milvusTLS)?[path: "status", "plaintext"]?.array ?? []
    return ports.map { "\($0["port"]?.integer ?? 0) \($0["protocol"]?.string ?? "") \($0["pods"]?.integer ?? 0)" }
  }

  private let series = #"milvus_tls_plaintext_ports{name="my-release",namespace="default"}"#

  @Test func theMetricsPortIsFoundBesideTLSOnEveryOtherPort() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"])
      try await harness.waitUntilVerified()
      try await harness.eventually("the metrics port is found") {
        await harness.condition("PlaintextExposed") == "True/AnswersInPlaintext"
      }
      #expect(await exposed(harness) == ["9091 HTTP 1"])
      let conditions = await harness.object(.milvusTLS)?[path: "status", "conditions"]?.array ?? []
      let message = conditions.first { $0["type"] == "PlaintextExposed" }?["message"]?.string ?? ""
      #expect(message.contains("/api/v1 (CVE-2026-26190"), "\(message)")
      #expect(message.contains("Service my-release-milvus publishes port 9091"), "\(message)")
      try await eventually("the metric counts it") { harness.metrics.exposition().contains("\(series) 1\n") }
    }
  }

  @Test func internalPortsWithoutTLSAreFound() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/external": "OneWay"])
      try await harness.waitUntilVerified()
      try await harness.eventually("internal ports are found") { await exposed(harness).contains("53100 gRPC 1") }
      let ports = await exposed(harness)
      #expect(!ports.contains { $0.hasPrefix("19530 ") }, "\(ports)")
      #expect(await harness.condition("Verified")?.hasPrefix("True/") == true)
    }
  }

  @Test func nothingIsAskedWhereTheSpecificationSaysSo() async throws {
    try await OperatorHarness.run { harness in
      try await harness.simulator.apply(
        yaml: """
          apiVersion: tls.milvus.io/v1alpha1
          kind: MilvusTLS
          metadata: {name: my-release, namespace: default}
          spec: {external: {mode: OneWay}, verification: {plaintext: false}}
          """
      )
      try await harness.apply(annotations: [:])
      try await harness.waitUntilVerified()
      #expect(await harness.condition("PlaintextExposed") == "Unknown/NotAsked")
      #expect(await exposed(harness).isEmpty)
      #expect(!harness.metrics.exposition().contains("milvus_tls_plaintext_ports{"))
    }
  }
}
