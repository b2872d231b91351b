import ClusterSimulator
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import Operator
import Testing

@Suite(.timeLimit(.minutes(5))) struct LeadershipTests {
  private let internalTLS = ["tls.milvus.io/internal": "true"]

  /// Runs an operator that competes for the lead.
  private func start(_ name: String, on simulator: ClusterSimulator) throws -> Task<Void, any Error> {
    let logger = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
    let client = KubernetesClient(configuration: try .plain(server: simulator.url), logger: logger)
    let elector = LeaderElector(
      client: client,
      namespace: "default",
      name: "milvus-tls-operator",
      identity: name,
      logger: logger
    )
    let tlsOperator = TLSOperator(client: client, elector: elector, logger: logger)
    return Task { try await tlsOperator.run() }
  }

  private func holder(_ harness: OperatorHarness) async -> String? {
    let address = ObjectAddress(.leases, namespace: "default", name: "milvus-tls-operator")
    return await harness.simulator.store.object(address)?[path: "spec", "holderIdentity"]?.string
  }

  @Test func ofTwoOperatorsOneWorksAndTheOtherTakesOverFromItsStores() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness async throws in
      let first = try start("first", on: harness.simulator)
      try await harness.eventually("the first leads") { await holder(harness) == "first" }
      let second = try start("second", on: harness.simulator)
      try await harness.apply("one", annotations: internalTLS)
      try await harness.waitUntilVerified("one")
      // Two at work would be in each other's way.
      let creations = harness.simulator.requests.writes.filter { $0.verb == .create && $0.resource != "leases" }
      #expect(creations.allSatisfy { $0.code == 201 })
      #expect(creations.count { $0.resource == "secrets" } == 3)
      try await harness.eventually("the second has seen everything") {
        harness.simulator.requests.count(.watch, "leases") == 2
      }
      first.cancel()
      _ = await first.result
      // Long before the Lease would have expired.
      try await harness.eventually("the second leads") { await holder(harness) == "second" }
      harness.simulator.resetRequests()
      try await harness.apply("two", annotations: internalTLS)
      try await harness.waitUntilVerified("two")
      let known = ["certs", "certs-ca", "certs-client"]
      #expect(!harness.simulator.requests.writes.contains { known.contains($0.name ?? "") })
      #expect(harness.simulator.requests.entries.count { $0.verb == .list && $0.resource == "milvuses" } == 0)
      second.cancel()
      _ = await second.result
    }
  }
}
