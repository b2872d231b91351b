import ClusterSimulator
import JSON
import MilvusTLS
import Testing

@testable import Operator

/// Warnings that no condition can carry.
@Suite(.timeLimit(.minutes(2))) struct WarningTests {
  private let a = UnwatchedOperator.key("a")

  /// How often the log has the warning that nobody renews the certificates.
  private func warnings(_ parts: UnwatchedOperator) -> Int {
    parts.log.lines.count { $0.hasPrefix("warning") && $0.contains("MilvusTLS was deleted") }
  }

  private func warning(_ message: String) -> TLSPlan.Warning { TLSPlan.Warning(reason: .abandoned, message: message) }

  @Test func anAbandonedMilvusIsWarnedOfOnceUntilTheCauseGoesAndComesBack() async throws {
    try await UnwatchedOperator.run { parts in
      func reconcile(milvusTLSOf milvus: String) async throws {
        let spec: JSONValue = ["milvusRef": ["name": .string(milvus)], "internal": ["enabled": true]]
        try await parts.apply(milvusTLS: "tls", spec: spec)
        for _ in 0..<3 { _ = try await parts.reconciler.reconcile(a) }
      }
      try await parts.apply(milvus: "a")
      try await reconcile(milvusTLSOf: "a")
      #expect(warnings(parts) == 0)
      try await reconcile(milvusTLSOf: "b")
      #expect(warnings(parts) == 1)
      try await reconcile(milvusTLSOf: "a")
      try await reconcile(milvusTLSOf: "b")
      #expect(warnings(parts) == 2)
    }
  }

  @Test func aMilvusMadeAnewUnderTheNameAndAnotherMessageAreNews() {
    let memory = WarningMemory()
    #expect(memory.isNews(warning("one"), of: a, uid: "1"))
    #expect(!memory.isNews(warning("one"), of: a, uid: "1"))
    #expect(memory.isNews(warning("two"), of: a, uid: "1"))
    #expect(memory.isNews(warning("two"), of: a, uid: "2"))
    #expect(memory.isNews(warning("two"), of: UnwatchedOperator.key("b"), uid: "2"))
    #expect(!memory.isNews(nil, of: a, uid: "2"))
    #expect(memory.isNews(warning("two"), of: a, uid: "2"))
  }
}
