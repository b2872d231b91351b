import ClusterSimulator
import JSON
import TestSupport
import Testing

/// etcd restored from a backup while the operator runs.
@Suite(.timeLimit(.minutes(5))) struct RestoreTests {
  private func mode(_ harness: OperatorHarness) async -> Int? {
    await harness.object(.milvuses)?[path: "spec", "config", "common", "security", "tlsMode"]?.integer
  }

  private func waitUntilReady(_ name: String, _ harness: OperatorHarness) async throws {
    try await harness.eventually("\(name) is ready") {
      await harness.condition("Ready", of: name)?.hasPrefix("True/") ?? false
    }
  }

  /// Whichever list comes last, no state of before the restore is combined with one of after it.
  @Test(arguments: ["milvuses", "milvustls", "secrets"])
  func whatWasAskedForAfterTheBackupIsNotWrittenIntoTheRestoredCluster(last resource: String) async throws {
    try await OperatorHarness.run(milvusStartDelay: nil) { harness async throws in
      try await harness.apply(annotations: ["tls.milvus.io/external": "OneWay"])
      try await waitUntilReady("my-release", harness)
      try await harness.eventually("one-way TLS") { await mode(harness) == 1 }
      let backup = await harness.simulator.store.backup()
      try await harness.apply(annotations: ["tls.milvus.io/external": "TwoWay"])
      try await harness.apply("lost", annotations: ["tls.milvus.io/external": "TwoWay"])
      try await waitUntilReady("lost", harness)
      try await harness.eventually("two-way TLS") { await mode(harness) == 2 }

      harness.simulator.faults.delay(RequestMatch(.list, resource), by: .milliseconds(700))
      await harness.simulator.store.restore(backup)
      harness.simulator.resetRequests()
      try await harness.apply("new", annotations: ["tls.milvus.io/external": "OneWay"])
      try await waitUntilReady("new", harness)
      #expect(await mode(harness) == 1)
      let names = Set(harness.simulator.requests.writes.filter { $0.resource != "events" }.compactMap(\.name))
      #expect(names.allSatisfy { $0.hasPrefix("new") }, "\(names)")
      #expect(await harness.object(.milvusTLS, "lost") == nil)
      // It is followed from its restored state on.
      try await harness.apply(annotations: ["tls.milvus.io/external": "TwoWay"])
      try await harness.eventually("two-way TLS again") { await mode(harness) == 2 }
    }
  }
}
