import ClusterSimulator
import Foundation
import JSON
import KubernetesRuntime
import Testing

@testable import Operator

/// Which failures become a condition, and when.
@Suite(.timeLimit(.minutes(2))) struct ReconcileFailureTests {
  private let a = UnwatchedOperator.key("a")

  private func reason(_ parts: UnwatchedOperator) async -> String? {
    await parts.simulator.store.object(.milvusTLS, name: "a")?["status"]?.condition("Ready")?["reason"]?.string
  }

  /// A Milvus of which the server refuses a write.
  private func refusing(_ parts: UnwatchedOperator, _ match: RequestMatch, _ status: ServerStatus) async throws {
    try await parts.apply(milvus: "a")
    try await parts.apply(milvusTLS: "a", spec: ["external": ["mode": "OneWay"]])
    parts.simulator.faults.failNext(.max, match, with: status)
  }

  static let refusals = [
    (RequestMatch(.create, "secrets"), ServerStatus(code: 403, reason: "Forbidden", message: "quota"), "quota"),
    (
      RequestMatch(.patch, "milvuses"), ServerStatus.conflict(resource: "milvuses", name: "a"),
      "Gave up after 12 attempts because other clients keep changing the same objects; retrying"
    ),
  ]

  @Test(arguments: refusals)
  func aFailureThatMayPassIsAConditionOnlyTheSecondTimeAndAfterTenSeconds(
    match: RequestMatch,
    status: ServerStatus,
    text: String
  ) async throws {
    try await UnwatchedOperator.run { parts in
      try await refusing(parts, match, status)
      func fail() async { await #expect(throws: (any Error).self) { try await parts.reconciler.reconcile(a) } }
      for step in [0, 5, 4] {
        parts.clock.advance(by: .seconds(step))
        await fail()
        #expect(await reason(parts) == nil)
      }
      parts.clock.advance(by: .seconds(1))
      await fail()
      #expect(await reason(parts) == "ReconcileFailed")
      let told = await parts.simulator.store.object(.milvusTLS, name: "a")?["status"]?.condition("Ready")?["message"]
      #expect(told?.string?.contains(text) == true)
    }
  }

  @Test func aSuccessBetweenTwoFailuresMakesTheSecondTheFirst() async throws {
    try await UnwatchedOperator.run { parts in
      let forbidden = ServerStatus(code: 403, reason: "Forbidden", message: "quota")
      try await refusing(parts, RequestMatch(.create, "secrets"), forbidden)
      await #expect(throws: (any Error).self) { try await parts.reconciler.reconcile(a) }
      parts.simulator.faults.clear()
      _ = try await parts.reconciler.reconcile(a)
      #expect(await reason(parts) == "Configured")
      parts.clock.advance(by: .seconds(60))
      parts.simulator.faults.failNext(.max, RequestMatch(.patch, "secrets"), with: forbidden)
      try await parts.simulator.store.update(ObjectAddress(.milvuses, namespace: "default", name: "a")) {
        $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/rotate"])] = "1"
      }
      try await parts.learn(.milvuses, "a")
      await #expect(throws: (any Error).self) { try await parts.reconciler.reconcile(a) }
      #expect(await reason(parts) == "Configured")
    }
  }

  @Test func aConditionOfDifferingClocksIsWrittenOnceHoweverLongTheyDiffer() async throws {
    try await UnwatchedOperator.run { parts in
      try await parts.apply(milvus: "a")
      try await parts.apply(milvusTLS: "a", spec: ["external": ["mode": "OneWay"]])
      parts.simulator.faults.clockOffset = -3600
      try await parts.learn(.milvuses, "a")
      for offset in [-3600.0, -7200.0] {
        parts.simulator.faults.clockOffset = offset
        await #expect(throws: TerminalError.self) { try await parts.reconciler.reconcile(a) }
        try await parts.learn(.milvuses, "a")
      }
      #expect(await reason(parts) == "ReconcileFailed")
      #expect(parts.simulator.requests.count(.patch, "milvustls") == 1)
    }
  }
}
