import ClusterSimulator
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import TestSupport
import Testing

@testable import Operator

@Suite(.timeLimit(.minutes(5))) struct LeadershipTests {
  private let internalTLS = ["tls.milvus.io/internal": "true"]

  /// An operator that competes for the lead.
  private func competitor(
    _ name: String,
    on simulator: ClusterSimulator,
    timing: LeaseTiming = LeaseTiming()
  ) throws -> TLSOperator {
    let logger = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
    let client = KubernetesClient(configuration: try .plain(server: simulator.url), logger: logger)
    let elector = LeaderElector(
      client: client,
      namespace: "default",
      name: "milvus-tls-operator",
      identity: name,
      timing: timing,
      logger: logger
    )
    return TLSOperator(client: client, elector: elector, logger: logger)
  }

  /// Runs an operator that competes for the lead.
  private func start(_ name: String, on simulator: ClusterSimulator) throws -> Task<Void, any Error> {
    let tlsOperator = try competitor(name, on: simulator)
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

  @Test func handshakesEndWithTheLeadAndBeginAnewWithTheNextTerm() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness async throws in
      let no = ServerStatus(code: 403, reason: "Forbidden", message: "no")
      harness.simulator.faults.failNext(.max, RequestMatch(.get, "secrets", name: "certs-client"), with: no)
      let timing = LeaseTiming(leaseDuration: .seconds(3), renewDeadline: .seconds(2), retryPeriod: .milliseconds(500))
      let tlsOperator = try competitor("only", on: harness.simulator, timing: timing)
      let running = Task { try await tlsOperator.run() }
      try await harness.apply(annotations: ["tls.milvus.io/external": "TwoWay"])
      try await eventually("both ports are asked for as long as they do not confirm") {
        await tlsOperator.handshakes.running == 2
      }
      let lease = ObjectAddress(.leases, namespace: "default", name: "milvus-tls-operator")
      try await harness.simulator.store.update(lease) { $0["spec"]?["holderIdentity"] = "another" }
      try await eventually(within: .seconds(30), "none is asked") { await tlsOperator.handshakes.running == 0 }
      try await eventually(within: .seconds(30), "both are asked again") { await tlsOperator.handshakes.running == 2 }
      running.cancel()
      _ = await running.result
    }
  }
}
