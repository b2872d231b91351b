import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct OperatorMetricsTests {
  private let both = ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"]
  private let name = #"name="my-release",namespace="default""#

  /// The value of a series; nil where there is none.
  private func value(_ series: String, in harness: OperatorHarness) -> Double? {
    harness.metrics.exposition().split(separator: "\n")
      .first { $0.hasPrefix(series + " ") }
      .flatMap { Double($0.dropFirst(series.count + 1)) }
  }

  @Test func aMilvusIsShownWithItsCertificatesAndConditionsUntilItIsGone() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      try await eventually("the metrics show it") {
        value("milvus_tls_verified{\(name)}", in: harness) == 1
      }
      #expect(value("milvus_tls_ready{\(name)}", in: harness) == 1)
      let status = try #require(await harness.object(.milvusTLS)?["status"])
      for (role, time) in [
        ("server", status[path: "certificate", "notAfter"]), ("authority", status[path: "authority", "notAfter"]),
        ("client", status["clients"]?[0]?["notAfter"]),
      ] {
        let date = try Date(try #require(time?.string), strategy: .iso8601)
        let series = #"milvus_tls_certificate_expiration_timestamp_seconds{\#(name),role="\#(role)"}"#
        #expect(value(series, in: harness) == date.timeIntervalSince1970)
      }
      let renewal = try Date(
        try #require(status[path: "certificate", "renewalTime"]?.string),
        strategy: .iso8601
      )
      #expect(
        value(#"milvus_tls_certificate_renewal_timestamp_seconds{\#(name),role="server"}"#, in: harness)
          == renewal.timeIntervalSince1970
      )
      try await harness.simulator.store.delete(ObjectAddress(.milvuses, namespace: "default", name: "my-release"))
      try await eventually("no series is left") { !harness.metrics.exposition().contains("my-release") }
    }
  }

  @Test func aMilvusThatIsGoneHasNoSeriesThoughAMilvusTLSForItStays() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: [:])
      try await harness.simulator.apply(
        yaml: """
          apiVersion: tls.milvus.io/v1alpha1
          kind: MilvusTLS
          metadata: {name: written, namespace: default}
          spec: {milvusRef: {name: my-release}, external: {mode: OneWay}}
          """
      )
      let expiration = #"milvus_tls_certificate_expiration_timestamp_seconds{\#(name),role="server"}"#
      try await eventually("it is shown under the name of the Milvus") { value(expiration, in: harness) != nil }
      try await harness.simulator.store.delete(ObjectAddress(.milvuses, namespace: "default", name: "my-release"))
      try await eventually("no series is left") { !harness.metrics.exposition().contains("my-release") }
      #expect(await harness.object(.milvusTLS, "written") != nil)
    }
  }

  @Test func certificatesThatNothingUsesAnyMoreMayEndUnnoticed() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/external": "OneWay"])
      try await eventually("it is shown") { harness.metrics.exposition().contains("milvus_tls_certificate_expiration") }
      try await harness.simulator.store.update(ObjectAddress(.milvuses, namespace: "default", name: "my-release")) {
        $0["metadata"]?["annotations"]?["tls.milvus.io/external"] = "Disabled"
      }
      try await eventually("it is not shown") { !harness.metrics.exposition().contains("milvus_tls_certificate_") }
      #expect(value("milvus_tls_ready{\(name)}", in: harness) == 1)
    }
  }

  @Test func whatCannotBeSetUpIsNotReadyAndWhatIsNotKnownHasNoSeries() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/external": "maybe"])
      try await eventually("it is shown as not ready") { value("milvus_tls_ready{\(name)}", in: harness) == 0 }
      #expect(value("milvus_tls_verified{\(name)}", in: harness) == nil)
      #expect(!harness.metrics.exposition().contains("milvus_tls_certificate"))
    }
  }

  @Test func certificatesIssuedAnewAreCountedAndFirstOnesAreNot() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      #expect(value(#"milvus_tls_rotations_total{result="success"}"#, in: harness) == 0)
      let address = ObjectAddress(.milvusTLS, namespace: "default", name: "my-release")
      try await harness.simulator.store.update(address) { object in
        object["spec"]?["certificate"] = ["dnsNames": ["search.example.com"]]
      }
      try await eventually("it is counted") {
        value(#"milvus_tls_rotations_total{result="success"}"#, in: harness) == 1
      }
      #expect(value(#"milvus_tls_rotations_total{result="error"}"#, in: harness) == 0)
    }
  }

  @Test func aRotationThatFailsIsCountedAsAnErrorAndSoIsItsReconciliation() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      #expect(value(#"milvus_tls_reconcile_total{result="error"}"#, in: harness) == 0)
      harness.simulator.faults.failNext(
        1,
        RequestMatch(.patch, "secrets"),
        with: ServerStatus(code: 403, reason: "Forbidden", message: "no")
      )
      let address = ObjectAddress(.milvusTLS, namespace: "default", name: "my-release")
      try await harness.simulator.store.update(address) { object in
        object["spec"]?["certificate"] = ["dnsNames": ["search.example.com"]]
      }
      try await eventually("the retry is counted") {
        value(#"milvus_tls_rotations_total{result="success"}"#, in: harness) == 1
      }
      #expect(value(#"milvus_tls_rotations_total{result="error"}"#, in: harness) == 1)
      #expect(value(#"milvus_tls_reconcile_total{result="error"}"#, in: harness) == 1)
      let successes = try #require(value(#"milvus_tls_reconcile_total{result="success"}"#, in: harness))
      let measured = try #require(value("milvus_tls_reconcile_duration_seconds_count", in: harness))
      #expect(measured >= successes + 1)
    }
  }

  @Test func theDifferenceOfTheClocksIsShown() async throws {
    try await OperatorHarness.run { harness in
      harness.simulator.faults.clockOffset = -3600
      try await harness.apply(annotations: both)
      try await eventually("the operator's clock is ahead") {
        value("milvus_tls_clock_difference_seconds", in: harness).map { abs($0 - 3600) < 10 } ?? false
      }
    }
  }

  @Test func promtoolIsContentWithAllThatARunningOperatorShows() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      let text = harness.metrics.exposition()
      #expect(try Promtool.complaints(about: text) == "")
      for metric in [
        "milvus_tls_build_info", "milvus_tls_reconcile_duration_seconds_bucket", "milvus_tls_reconcile_total",
        "milvus_tls_rotations_total", "milvus_tls_ready",
      ] {
        #expect(text.contains("\n# HELP \(metric.replacing("_bucket", with: "")) "), "\(metric)")
        #expect(text.contains("\n\(metric)"), "\(metric)")
      }
    }
  }
}
