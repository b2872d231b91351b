import ClusterSimulator
import JSON
import Observability
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct ResyncTests {
  private static let count = 1000
  /// Pages of 500: of Milvus, MilvusTLS, three Secrets each, no Secrets of others, and no pods.
  private static let pages = 2 + 2 + 6 + 1 + 1
  private static let watches = 5

  @Test func reconcilingAThousandMilvusThatNeedNothingMakesNoRequest() async throws {
    try await OperatorHarness.run(milvusStartDelay: nil) { harness async throws in
      for number in 1...Self.count {
        try await harness.apply("m\(number)", annotations: ["tls.milvus.io/internal": "true"])
      }
      try await eventually(within: .seconds(400), every: .milliseconds(100), "all are configured") {
        await Self.configured(harness) == Self.count
      }
      try await waitForQuiet(harness)
      await harness.stopOperator()

      // A new process lists everything, and looks at every Milvus.
      harness.simulator.resetRequests()
      let metrics = PrometheusMetrics()
      try harness.start(metrics: metrics)
      try await waitForReconciles(metrics)
      #expect(harness.simulator.requests.count(.list) == Self.pages)
      #expect(harness.simulator.requests.count(.watch) == Self.watches)
      let more = harness.simulator.requests.entries.filter { ![.list, .watch].contains($0.verb) }
      #expect(more.isEmpty, "\(more.prefix(10))")

      // A list that brings nothing new brings no work either.
      let reconciles = Self.reconciles(metrics)
      harness.simulator.resetRequests()
      await harness.simulator.store.compact()
      // Secrets are watched twice: the operator's own, and the metadata of all others.
      var watches = ["milvuses", "milvustls", "pods"].map { RequestMatch(.watch, $0) }
      watches += ["tls.milvus.io/role", "!tls.milvus.io/role"].map {
        RequestMatch(.watch, "secrets", labelSelector: $0)
      }
      for watch in watches {
        harness.simulator.faults.failNext(1, watch, with: ServerStatus.failure(code: 410, reason: "Expired"))
      }
      await harness.simulator.cutWatches()
      try await eventually(within: .seconds(400), "everything is listed and watched again") {
        // Before a watch starts again, one object is listed to learn the version.
        harness.simulator.requests.entries.count { $0.verb == .list && $0.limit != 1 } >= Self.pages
          && harness.simulator.requests.entries.count { $0.verb == .watch && $0.code == 200 } >= Self.watches
      }
      #expect(Self.reconciles(metrics) == reconciles)
      #expect(harness.simulator.requests.writes.isEmpty)
    }
  }

  private static func configured(_ harness: OperatorHarness) async -> Int {
    await harness.simulator.store.list(.milvusTLS).count { object in
      object[path: "status", "conditions"]?.array?
        .contains { $0["type"]?.string == "Ready" && $0["status"]?.string == "True" } ?? false
    }
  }

  /// How many reconciles have ended well.
  private static func reconciles(_ metrics: PrometheusMetrics) -> Int {
    let lines = metrics.exposition().split(separator: "\n")
    let counts = lines.filter { $0.hasPrefix("controller_runtime_reconcile_total{") }
      .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
    return Int(counts.reduce(0, +))
  }

  private func waitForReconciles(_ metrics: PrometheusMetrics) async throws {
    try await eventually(within: .seconds(400), every: .milliseconds(100), "every Milvus is reconciled") {
      Self.reconciles(metrics) >= Self.count
    }
  }

  /// Waits until no request has come for a while.
  private func waitForQuiet(_ harness: OperatorHarness) async throws {
    var last = (count: 0, since: ContinuousClock.now)
    try await eventually(within: .seconds(400), every: .milliseconds(100), "no more requests") {
      let count = harness.simulator.requests.count()
      if count != last.count { last = (count, .now) }
      return ContinuousClock.now - last.since > .seconds(1)
    }
  }
}
