import KubernetesRuntime
import Testing

@testable import Observability

@Suite struct OperatorHealthTests {
  private let key = ObjectKey(namespace: "default", name: "my-release")

  @Test func anOperatorIsDeadWhenNoReconciliationEndsForTooLong() async {
    let health = OperatorHealth(stallLimit: .zero)
    #expect(health.livenessProblem == nil, "nothing runs")
    await health.watching(key) {
      #expect(health.livenessProblem?.contains("default/my-release") == true)
    }
    #expect(health.livenessProblem == nil, "it has ended")
  }

  @Test func aLongReconciliationIsNoHarmWhileOthersEnd() async {
    let health = OperatorHealth(stallLimit: .milliseconds(200))
    await health.watching(key) {
      let start = ContinuousClock.now
      while ContinuousClock.now - start < .milliseconds(400) {
        await health.watching(ObjectKey(namespace: "default", name: "other")) { await Task.yield() }
      }
      #expect(health.livenessProblem == nil)
    }
  }

  @Test func aReconciliationThatFailsHasEnded() async {
    struct Failure: Error {}
    let health = OperatorHealth(stallLimit: .zero)
    await #expect(throws: Failure.self) { try await health.watching(key) { throw Failure() } }
    #expect(health.livenessProblem == nil)
  }
}
