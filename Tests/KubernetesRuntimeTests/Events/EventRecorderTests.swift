import ClusterSimulator
import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import KubernetesRuntime

@Suite(.timeLimit(.minutes(5))) struct EventRecorderTests {
  /// Runs a test with a recorder that sends, and ends it whatever happens.
  private func withRecorder(
    drainTime: Duration = .seconds(1),
    _ body: (EventRecorder, ClusterSimulator, Task<Void, Never>) async throws -> Void
  ) async throws {
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: nil))
    let client = KubernetesClient(configuration: try .plain(server: simulator.url), logger: .silent)
    let recorder = EventRecorder(client: client, component: "test-operator", logger: .silent)
    let running = Task { await recorder.run(drainTime: drainTime) }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(recorder, simulator, running))
    } catch {
      result = .failure(error)
    }
    running.cancel()
    await simulator.stop()
    try result.get()
  }

  @Test func aRepeatedEventIsOneObjectWithACountAsKubectlShowsIt() async throws {
    try await withRecorder { recorder, simulator, _ in
      for _ in 0..<3 { recorder.record(.warning, reason: "Conflict", message: "tlsMode", on: .milvus()) }
      try await eventually("it is counted") { await simulator.store.list(.events).first?["count"] == 3 }
      let events = await simulator.store.list(.events)
      #expect(events.count == 1)
      let event = events[0]
      #expect(event["type"] == "Warning")
      #expect(event["reason"] == "Conflict")
      #expect(event["message"] == "tlsMode")
      #expect(event[path: "source", "component"] == "test-operator")
      #expect(event["reportingComponent"] == "test-operator")
      #expect(event["involvedObject"]?["apiVersion"] == "milvus.io/v1beta1")
      #expect(event["involvedObject"]?["kind"] == "Milvus")
      #expect(event["involvedObject"]?["uid"] == "uid-my-release")
      let times = try [event["firstTimestamp"], event["lastTimestamp"]].map {
        try Date(try #require($0?.string), strategy: .iso8601)
      }
      #expect(times[0] <= times[1])
      #expect(abs(times[1].timeIntervalSinceNow) < 20)
    }
  }

  @Test func anEventThatTheServerHasForgottenIsToldAnew() async throws {
    try await withRecorder { recorder, simulator, _ in
      recorder.record(.normal, reason: "Ready", message: "a", on: .milvus())
      try await eventually("it is there") { await simulator.store.list(.events).count == 1 }
      let name = try #require(await simulator.store.list(.events)[0][path: "metadata", "name"]?.string)
      try await simulator.store.delete(ObjectAddress(.events, namespace: "default", name: name))
      recorder.record(.normal, reason: "Ready", message: "a", on: .milvus())
      try await eventually("another is there") { await simulator.store.list(.events).count == 1 }
      #expect(await simulator.store.list(.events)[0][path: "metadata", "name"]?.string != name)
    }
  }

  @Test func aFloodAboutOneObjectIsCutShortAndAnotherObjectIsHeard() async throws {
    try await withRecorder { recorder, simulator, _ in
      for index in 0..<100 { recorder.record(.normal, reason: "Reason\(index)", message: "a", on: .milvus()) }
      recorder.record(.normal, reason: "Ready", message: "a", on: .milvus("other"))
      try await eventually("the other is heard") {
        await simulator.store.list(.events).contains { $0["involvedObject"]?["name"] == "other" }
      }
      #expect(await simulator.store.list(.events).count == 26)
    }
  }

  @Test func aLongMessageIsCutToWhatServersTake() async throws {
    try await withRecorder { recorder, simulator, _ in
      recorder.record(.normal, reason: "Ready", message: String(repeating: "ü", count: 2000), on: .milvus())
      try await eventually("it is there") { await simulator.store.list(.events).count == 1 }
      let message = try #require(await simulator.store.list(.events)[0]["message"]?.string)
      #expect((900...1024).contains(message.utf8.count))
      #expect(message.allSatisfy { $0 == "ü" })
    }
  }

  @Test func aCleanStopSendsWhatIsLeft() async throws {
    // Twenty requests take longer on a busy machine than an operator would wait.
    try await withRecorder(drainTime: .seconds(30)) { recorder, simulator, running in
      for index in 0..<20 { recorder.record(.normal, reason: "Reason\(index)", message: "a", on: .milvus()) }
      running.cancel()
      await running.value
      #expect(await simulator.store.list(.events).count == 20)
    }
  }

  @Test func aStopWaitsNoMoreThanASecondForAServerThatDoesNotAnswer() async throws {
    try await withRecorder { recorder, simulator, running in
      simulator.faults.delay(RequestMatch(.create, "events"), by: .seconds(30))
      recorder.record(.normal, reason: "Ready", message: "a", on: .milvus())
      let start = ContinuousClock.now
      running.cancel()
      await running.value
      let time = ContinuousClock.now - start
      #expect(time > .milliseconds(900) && time < .seconds(20), "\(time)")
      simulator.faults.clear()
    }
  }

  @Test func recordingDoesNotWaitForTheServer() async throws {
    try await withRecorder { recorder, simulator, _ in
      simulator.faults.delay(RequestMatch(.create, "events"), by: .seconds(30))
      let start = ContinuousClock.now
      for index in 0..<10_000 { recorder.record(.normal, reason: "Ready", message: "\(index)", on: .milvus()) }
      #expect(ContinuousClock.now - start < .seconds(20))
      simulator.faults.clear()
    }
  }
}
