import ClusterSimulator
import JSON
import Kubernetes
import Logging
import MetricsTestKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import KubernetesRuntime

@Suite(.timeLimit(.minutes(5))) struct LeaderElectorTests {
  /// One process of several that compete.
  private final class Candidate: Sendable {
    let clock = TestClock()
    let metrics = TestMetrics()
    /// "leads" and "ends", as they come.
    let news = Inbox<String>()
    let permits = Inbox<LeaderPermit>()
    let elector: LeaderElector
    let warnings: LogLines
    private let task = Mutex<Task<Void, any Error>?>(nil)

    init(_ name: String, _ simulator: ClusterSimulator) throws {
      var log = LogLines()
      log.logLevel = .warning
      warnings = log
      elector = LeaderElector(
        client: KubernetesClient(configuration: try .plain(server: simulator.url)),
        namespace: "default",
        name: "lease",
        identity: name,
        timing: LeaseTiming(),
        logger: Logger(label: "test") { [log] _ in log },
        metrics: metrics,
        clock: clock.clock
      )
    }

    func start() {
      let running = Task { [elector, news, permits] in
        try await elector.run { permit in
          permits.put(permit)
          news.put("leads")
          await Latch().wait()
          news.put((try? permit.check()) == nil ? "ends without a permit" : "ends with a permit")
        }
      }
      task.withLock { $0 = running }
    }

    /// Ends it, and waits until it has ended.
    func stop() async {
      let task = task.withLock { $0 }
      task?.cancel()
      _ = await task?.result
    }

    /// Moves the time to its next renewal, and waits until that is through.
    func renew(on simulator: ClusterSimulator) async throws {
      let before = simulator.requests.count(.update, "leases")
      await clock.waitForSleep(of: .seconds(2))
      clock.advance(by: .seconds(2))
      try await eventually("the Lease is renewed") { simulator.requests.count(.update, "leases") > before }
      await clock.waitForSleep(of: .seconds(2))
    }

    var status: Double? {
      try? metrics.expectGauge("leader_election_master_status", [("name", "lease")]).lastValue
    }
  }

  private func withCandidates(_ body: (ClusterSimulator, Candidate, Candidate) async throws -> Void) async throws {
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: nil))
    let first = try Candidate("first", simulator)
    let second = try Candidate("second", simulator)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(simulator, first, second))
    } catch {
      result = .failure(error)
    }
    await first.stop()
    await second.stop()
    await simulator.stop()
    try result.get()
  }

  private func spec(_ simulator: ClusterSimulator) async -> JSONValue? {
    await simulator.store.object(ObjectAddress(.leases, namespace: "default", name: "lease"))?["spec"]
  }

  private func isWatching(_ simulator: ClusterSimulator) async throws {
    try await eventually("the standby watches") { simulator.requests.count(.watch, "leases") == 2 }
  }

  @Test func aLeaseThatIsNotThereIsMadeAndRenewed() async throws {
    try await withCandidates { simulator, first, _ async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      try await eventually("its status") { first.status == 1 }
      let acquired = try #require(await spec(simulator))
      #expect(acquired["holderIdentity"] == "first")
      #expect(acquired["leaseDurationSeconds"] == 15)
      #expect(acquired["leaseTransitions"] == 0)
      let time = try #require(acquired["acquireTime"]?.string)
      #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
      for _ in 0..<4 { try await first.renew(on: simulator) }
      let renewed = try #require(await spec(simulator))
      #expect(renewed["acquireTime"] == acquired["acquireTime"])
      #expect(renewed["renewTime"] != acquired["renewTime"])
      try await first.permits.next().check()
    }
  }

  @Test func aCleanStopHandsOverAtOnce() async throws {
    try await withCandidates { simulator, first, second async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      second.start()
      try await isWatching(simulator)
      await first.stop()
      #expect(try await first.news.next() == "ends with a permit")
      #expect(first.status == 0)
      // The second one's clock stands: it is the watch that tells it.
      #expect(try await second.news.next() == "leads")
      #expect(await spec(simulator)?["leaseTransitions"] == 1)
      await second.stop()
      let released = try #require(await spec(simulator))
      #expect(released["holderIdentity"] == "")
      #expect(released["leaseDurationSeconds"] == 1)
    }
  }

  @Test func aGracefulShutdownReleasesWhenTheWorkHasEnded() async throws {
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: nil))
    let elector = try Candidate("first", simulator).elector
    let leads = Inbox<Bool>()
    let service = ClosureService {
      try await elector.run { permit in
        leads.put(true)
        try await gracefulShutdown()
        try permit.check()
        leads.put(false)
      }
    }
    let group = ServiceGroup(services: [service], logger: .silent)
    let running = Task { try await group.run() }
    #expect(try await leads.next())
    await group.triggerGracefulShutdown()
    #expect(try await !leads.next())
    try await running.value
    #expect(await spec(simulator)?["holderIdentity"] == "")
    await simulator.stop()
  }

  @Test func aLeaderThatDiesIsReplacedWhenItsLeaseWasNotSeenToChangeForItsDuration() async throws {
    try await withCandidates { simulator, first, second async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      second.start()
      try await isWatching(simulator)
      await second.clock.waitForSleep(of: .seconds(15))
      second.clock.advance(by: .seconds(14))
      // A sign of life: its time in the Lease does not matter, and the wait begins anew.
      try await first.renew(on: simulator)
      await second.clock.waitForSleep(of: .seconds(15))
      second.clock.advance(by: .seconds(14))
      #expect(await spec(simulator)?["holderIdentity"] == "first")
      second.clock.advance(by: .seconds(1))
      #expect(try await second.news.next() == "leads")
      let taken = try #require(await spec(simulator))
      #expect(taken["holderIdentity"] == "second")
      #expect(taken["leaseTransitions"] == 1)
      // The first one's clock stands: it is the watch that tells it.
      #expect(try await first.news.next() == "ends without a permit")
      try await eventually("it stands by") { first.status == 0 }
    }
  }

  @Test func aLeaderThatCannotRenewLosesItsPermitAndThenItsTask() async throws {
    try await withCandidates { simulator, first, _ async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      let permit = try await first.permits.next()
      let down = ServerStatus(code: 500, reason: "InternalError", message: "down")
      simulator.faults.failNext(1000, RequestMatch(.update, "leases"), with: down)
      for _ in 0..<4 {
        try permit.check()
        await first.clock.waitForSleep(of: .seconds(2))
        first.clock.advance(by: .seconds(2))
      }
      // 8 s: still within the deadline.
      try permit.check()
      await first.clock.waitForSleep(of: .seconds(2))
      first.clock.advance(by: .seconds(2))
      #expect(throws: LeaderPermit.Lost.self) { try permit.check() }
      #expect(try await first.news.next() == "ends without a permit")
      // It competes again, and a new term does not bring the old permit back.
      let retry = await first.clock.nextSleep(in: .seconds(2)...(.seconds(4.4)))
      simulator.faults.clear()
      first.clock.advance(by: retry)
      #expect(try await first.news.next() == "leads")
      try await first.permits.next().check()
      #expect(throws: LeaderPermit.Lost.self) { try permit.check() }
      #expect(await spec(simulator)?["leaseTransitions"] == 0, "nobody else led in between")
    }
  }

  @Test func afterAPauseOfTheProcessTheLeaseIsReadBeforeAnythingIsWritten() async throws {
    try await withCandidates { simulator, first, _ async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      let permit = try await first.permits.next()
      await first.clock.waitForSleep(of: .seconds(2))
      // As after SIGSTOP: no event comes through while another takes over.
      simulator.faults.disturb(RequestMatch(.watch, "leases"), times: 1, by: .stall(.seconds(600)))
      try await simulator.store.update(ObjectAddress(.leases, namespace: "default", name: "lease")) {
        $0["spec"]?["holderIdentity"] = "other"
      }
      simulator.resetRequests()
      // As SIGCONT finds it: the time has passed and nothing has run.
      first.clock.advance(by: .seconds(3600))
      #expect(throws: LeaderPermit.Lost.self) { try permit.check() }
      #expect(try await first.news.next() == "ends without a permit")
      // What it has read now is new to it: the other has its time.
      await first.clock.waitForSleep(of: .seconds(15))
      #expect(simulator.requests.count(.get, "leases") == 1)
      #expect(simulator.requests.writes.isEmpty)
      #expect(first.status == 0)
    }
  }

  @Test func aLeaderWhoseLeaseIsDeletedStopsAtOnceAndCompetesAgain() async throws {
    try await withCandidates { simulator, first, _ async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      await first.clock.waitForSleep(of: .seconds(2))
      try await simulator.store.delete(ObjectAddress(.leases, namespace: "default", name: "lease"))
      #expect(try await first.news.next() == "ends without a permit")
      #expect(try await first.news.next() == "leads")
    }
  }

  @Test func aRenewalWhoseAnswerIsLostAndALabelByOthersDoNotEndATerm() async throws {
    try await withCandidates { simulator, first, _ async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      let lost = ServerStatus(code: 504, reason: "Timeout", message: "unseen")
      simulator.faults.failNext(1, RequestMatch(.update, "leases"), with: lost, at: .afterWork)
      try await first.renew(on: simulator)
      try await first.renew(on: simulator)
      try await simulator.store.update(ObjectAddress(.leases, namespace: "default", name: "lease")) {
        $0["metadata"]?["labels"] = ["by": "hand"]
      }
      try await first.renew(on: simulator)
      try await first.permits.next().check()
      #expect(await spec(simulator)?["holderIdentity"] == "first")
      #expect(
        await simulator.store.object(ObjectAddress(.leases, namespace: "default", name: "lease"))?["metadata"]?[
          "labels"
        ]
          == ["by": "hand"]
      )
    }
  }

  // MARK: etcd restored from a backup

  @Test func aLeaderKeepsItsTermWhenTheLeaseIsRestoredToAnEarlierStateOfIts() async throws {
    try await withCandidates { simulator, first, _ async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      let backup = await simulator.store.backup()
      for _ in 0..<3 { try await first.renew(on: simulator) }
      await simulator.store.restore(backup)
      let restored = try #require(await spec(simulator)?["renewTime"])
      for _ in 0..<6 { try await first.renew(on: simulator) }
      #expect(await spec(simulator)?["renewTime"] != restored)
      try await first.permits.next().check()
    }
  }

  @Test func aLeaderStopsWhenTheRestoredLeaseNamesAnotherAndWaitsForItsDuration() async throws {
    try await withCandidates { simulator, first, second async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      let backup = await simulator.store.backup()
      await first.stop()
      _ = try await first.news.next()
      second.start()
      #expect(try await second.news.next() == "leads")
      for _ in 0..<3 { try await second.renew(on: simulator) }
      let permit = try await second.permits.next()
      await simulator.store.restore(backup)
      await second.clock.waitForSleep(of: .seconds(2))
      second.clock.advance(by: .seconds(2))
      #expect(try await second.news.next() == "ends without a permit")
      #expect(throws: LeaderPermit.Lost.self) { try permit.check() }
      #expect(await spec(simulator)?["holderIdentity"] == "first")
      // The other one is not there any more: its time runs from when the restored state was seen.
      await second.clock.waitForSleep(of: .seconds(15))
      second.clock.advance(by: .seconds(15))
      #expect(try await second.news.next() == "leads")
    }
  }

  @Test func aStandbyDoesNotTakeARestoredLeaseThatIsRenewed() async throws {
    try await withCandidates { simulator, first, second async throws in
      first.start()
      #expect(try await first.news.next() == "leads")
      second.start()
      try await isWatching(simulator)
      let backup = await simulator.store.backup()
      for _ in 0..<4 { try await first.renew(on: simulator) }
      await simulator.store.restore(backup)
      try await first.renew(on: simulator)
      simulator.resetRequests()
      // It has seen no newer version: it asks, and the answer is older than what it knows.
      await second.clock.waitForSleep(of: .seconds(15))
      second.clock.advance(by: .seconds(15))
      try await eventually("it has asked") { simulator.requests.count(.get, "leases") >= 1 }
      await second.clock.waitForSleep(of: .seconds(15))
      #expect(await spec(simulator)?["holderIdentity"] == "first")
      #expect(simulator.requests.writes.isEmpty)
    }
  }

  @Test func ofSeveralThatCompeteForAFreeLeaseOneLeads() async throws {
    try await withCandidates { simulator, first, second async throws in
      first.start()
      second.start()
      try await eventually("one leads and the other knows") {
        let counts = [first.status, second.status].compactMap { $0 }
        return counts.reduce(0, +) == 1 && simulator.requests.count(.watch, "leases") == 2
      }
      let holder = await spec(simulator)?["holderIdentity"]?.string
      let leader = holder == "first" ? first : second
      #expect(try await leader.news.next() == "leads")
      #expect(leader.status == 1)
    }
  }

  @Test func aRefusedAcquisitionIsReportedOnceAndAFasterCompetitorNever() async throws {
    try await withCandidates { simulator, first, _ async throws in
      let faster = ServerStatus.conflict(resource: "leases", name: "lease")
      let refused = ServerStatus(code: 403, reason: "Forbidden", message: "no right")
      simulator.faults.failNext(1, RequestMatch(.create, "leases"), with: faster)
      simulator.faults.failNext(3, RequestMatch(.create, "leases"), with: refused)
      first.start()
      for attempt in 1...4 {
        try await eventually("attempt \(attempt)") { simulator.requests.count(.create, "leases") == attempt }
        first.clock.advance(by: await first.clock.nextSleep(in: .seconds(2)...(.seconds(4.5))))
      }
      #expect(try await first.news.next() == "leads")
      #expect(first.warnings.lines.count == 1)
      let line = try #require(first.warnings.lines.first)
      #expect(line.hasPrefix("Lease lease not acquired: ") && line.contains("no right"))
    }
  }

  @Test func whatTheWorkThrowsEndsTheElectionAndReleasesTheLease() async throws {
    struct Broken: Error {}
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: nil))
    let elector = try Candidate("first", simulator).elector
    await #expect(throws: Broken.self) { try await elector.run { _ in throw Broken() } }
    #expect(await spec(simulator)?["holderIdentity"] == "")
    await simulator.stop()
  }
}
