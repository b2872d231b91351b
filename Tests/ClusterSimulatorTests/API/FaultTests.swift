import ClusterSimulator
import Foundation
import JSON
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite(.timeLimit(.minutes(5))) struct FaultTests {
  @Test func theNextMatchingRequestsFailAndTheOthersDoNot() async throws {
    try await Cluster.run { cluster async throws in
      let failure = ServerStatus.failure(code: 500, reason: "InternalError", message: "down")
      cluster.simulator.faults.failNext(2, RequestMatch(.create, "secrets"), with: failure)
      let create = { try await cluster.http.send("POST", Sample.secrets, Sample.secret("a")) }
      #expect(try await cluster.http.send("POST", Sample.configMaps, Sample.configMap("a")).code == 201)
      #expect(try await create().code == 500)
      #expect(try await create().json["message"] == "down")
      #expect(try await create().code == 201)
    }
  }

  @Test func aFailureAfterTheWorkHidesThatItWasDone() async throws {
    try await Cluster.run { cluster async throws in
      let failure = ServerStatus.failure(code: 504, reason: "Timeout")
      cluster.simulator.faults.failNext(1, RequestMatch(.create, "secrets"), with: failure, at: .afterWork)
      #expect(try await cluster.http.send("POST", Sample.secrets, Sample.secret("a")).code == 504)
      #expect(try await cluster.http.send("GET", Sample.secrets + "/a").code == 200)
    }
  }

  @Test func tooManyRequestsSayWhenToTryAgain() async throws {
    try await Cluster.run { cluster async throws in
      cluster.simulator.faults.failNext(1, RequestMatch(.list), with: .tooManyRequests(retryAfter: 3))
      let answer = try await cluster.http.send("GET", Sample.secrets)
      #expect(answer.code == 429)
      #expect(answer.headers["retry-after"] == "3")
    }
  }

  @Test func requestsCanBeHeldBack() async throws {
    try await Cluster.run { cluster async throws in
      cluster.simulator.faults.delay(RequestMatch(.get, "secrets"), by: .milliseconds(200))
      let clock = ContinuousClock()
      let held = try await clock.measure { _ = try await cluster.http.send("GET", Sample.secrets + "/a") }
      #expect(held >= .milliseconds(200))
      // Longer than the test's client waits.
      cluster.simulator.faults.delay(RequestMatch(.get, "secrets"), by: .seconds(60))
      cluster.simulator.faults.clear()
      #expect(try await cluster.http.send("GET", Sample.secrets + "/a").code == 404)
    }
  }

  @Test func theNextAnswersThatSucceedAreDisturbedAndTheirWorkIsDone() async throws {
    try await Cluster.run { cluster async throws in
      let faults = cluster.simulator.faults
      faults.disturb(RequestMatch(.create, "secrets"), times: 2, by: .garbage)
      faults.disturb(RequestMatch(.list, "secrets"), times: 1, by: .reset)
      #expect(try await cluster.http.send("PUT", Sample.secrets + "/a", Sample.secret("a")).code == 404)
      #expect(faults.metCount == 0 && faults.remaining == 3)
      let first = try await cluster.http.send("POST", Sample.secrets, Sample.secret("a"))
      #expect(first.code == 201 && first.text.hasPrefix("<html>") && first.text.contains("resourceVersion"))
      let second = try await cluster.http.send("POST", Sample.secrets, Sample.secret("b"))
      #expect(second.code == 201 && second.json == .null)
      #expect(try await cluster.http.send("POST", Sample.secrets, Sample.secret("c")).json["kind"] == "Secret")
      await #expect(throws: URLError.self) { try await cluster.http.send("GET", Sample.secrets) }
      #expect(try await cluster.http.send("GET", Sample.secrets).json.names == ["a", "b", "c"])
      #expect(faults.metCount == 3 && faults.remaining == 0)
    }
  }

  @Test func requestsAreCountedByVerbAndResource() async throws {
    try await Cluster.run { cluster async throws in
      _ = try await cluster.http.send("POST", Sample.secrets, Sample.secret("a"))
      _ = try await cluster.http.mergePatch(Sample.secrets + "/a", ["data": ["x": "eA=="]])
      cluster.simulator.resetRequests()
      _ = try await cluster.http.send("GET", Sample.secrets)
      _ = try await cluster.http.send("GET", Sample.secrets + "/nope")
      _ = try await cluster.http.send("GET", Sample.configMaps)
      #expect(cluster.simulator.requests.writes.isEmpty)
      #expect(cluster.simulator.requests.count(.list) == 2)
      #expect(cluster.simulator.requests.count(.list, "secrets") == 1)
      #expect(cluster.simulator.requests.count(nil, "secrets") == 2)
      #expect(cluster.simulator.requests.entries.map(\.code) == [200, 404, 200])
      _ = try await cluster.http.send("PUT", Sample.secrets + "/a", Sample.secret("a"))
      _ = try await cluster.http.mergePatch(Sample.milvusTLS + "/a/status", [:])
      _ = try await cluster.http.send("DELETE", Sample.secrets + "/a")
      let writes = cluster.simulator.requests.writes
      #expect(writes.map(\.verb) == [.update, .patch, .delete])
      #expect(writes.map(\.subresource) == [nil, "status", nil])
    }
  }
}
