import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing

/// A MilvusTLS that names an issuer, in a cluster where cert-manager comes and goes.
@Suite(.timeLimit(.minutes(5))) struct CertManagerViewTests {
  private static let definition = ObjectAddress(
    .customResourceDefinitions,
    namespace: "",
    name: "certificates.cert-manager.io"
  )

  private func install(_ simulator: ClusterSimulator) async throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/certificate-crd.yaml")
    try await simulator.apply(yaml: String(contentsOf: file, encoding: .utf8))
  }

  private func uninstall(_ simulator: ClusterSimulator) async throws {
    try await simulator.store.delete(Self.definition)
    // As the real server does for a resource that is no longer defined.
    await simulator.cutWatches(of: ResourceIdentifier(group: "cert-manager.io", plural: "certificates"))
  }

  private func withRequest(forbidding verbs: [Verb], _ body: (OperatorHarness) async throws -> Void) async throws {
    try await OperatorHarness.run(milvusStartDelay: nil, startsOperator: false) { harness async throws in
      let forbidden = ServerStatus.failure(code: 403, reason: "Forbidden", message: "no right to read definitions")
      for verb in verbs {
        harness.simulator.faults.failNext(1_000_000, RequestMatch(verb, "customresourcedefinitions"), with: forbidden)
      }
      try harness.start()
      try await harness.apply(annotations: [:])
      let milvusTLS: JSONValue = [
        "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS",
        "metadata": ["name": "my-release", "namespace": "default"],
        "spec": ["external": ["mode": "OneWay"], "certificate": ["issuerRef": ["name": "internal-ca"]]],
      ]
      try await harness.simulator.apply(yaml: milvusTLS.description)
      try await body(harness)
    }
  }

  private func waitForReason(_ reason: String, _ harness: OperatorHarness) async throws {
    try await harness.eventually("Ready=False, \(reason)") { await harness.condition("Ready") == "False/\(reason)" }
  }

  @Test(arguments: [[], [.list, .watch]] as [[Verb]])
  func itsComingsAndGoingsAreNoticedWithAndWithoutTheRightToReadTheDefinition(forbidding verbs: [Verb]) async throws {
    try await withRequest(forbidding: verbs) { harness async throws in
      for _ in 0..<2 {
        try await waitForReason("CertManagerNotInstalled", harness)
        try await install(harness.simulator)
        try await waitForReason("WaitingForCertManager", harness)
        let certificates = ResourceIdentifier(group: "cert-manager.io", plural: "certificates")
        #expect(await harness.simulator.store.object(certificates, name: "certs") != nil)
        try await uninstall(harness.simulator)
      }
      try await waitForReason("CertManagerNotInstalled", harness)
      #expect(harness.simulator.requests.count(.watch, "customresourcedefinitions") == (verbs.isEmpty ? 1 : 0))
    }
  }

  @Test(arguments: [([], [500]), ([.list, .watch], [1, 500])] as [([Verb], [Int])])
  func onceCertificatesAreThereTheyAreListedAndThenWatched(forbidding verbs: [Verb], limits: [Int]) async throws {
    try await withRequest(forbidding: verbs) { harness async throws in
      try await waitForReason("CertManagerNotInstalled", harness)
      try await install(harness.simulator)
      try await waitForReason("WaitingForCertManager", harness)
      let asked = harness.simulator.requests.entries.filter { $0.resource == "certificates" && !$0.verb.isWrite }
      #expect(asked.filter { $0.verb == .list }.map(\.limit) == limits)
      #expect(asked.count { $0.verb == .watch } == 1)
      #expect(!harness.log.lines.contains { $0.hasPrefix("warning") && $0.contains("403") })
    }
  }
}
