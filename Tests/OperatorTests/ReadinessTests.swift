import ClusterSimulator
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReadinessTests {
  @Test func theOperatorIsReadyOnceAllStoresAreFilledAndSaysWhichAreNot() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      harness.simulator.faults.failNext(
        .max,
        RequestMatch(.list, "pods"),
        with: ServerStatus(code: 403, reason: "Forbidden", message: "no")
      )
      #expect(harness.health.readinessProblem == "starting")
      try harness.start()
      try await eventually("only the pods are missing") { harness.health.readinessProblem == "not synced: pods" }
      #expect(harness.health.livenessProblem == nil, "what is not ready is alive")
      harness.simulator.faults.clear()
      try await eventually("it is ready") { harness.health.readinessProblem == nil }
    }
  }
}
