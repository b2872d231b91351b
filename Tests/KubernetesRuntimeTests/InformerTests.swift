import ClusterSimulator
import JSON
import Kubernetes
import Logging
import TestSupport
import Testing

@testable import KubernetesRuntime

@Suite(.timeLimit(.minutes(5))) struct InformerTests {
  /// An informer of config maps on a simulated cluster, and what it reports.
  private struct Scene {
    let simulator: ClusterSimulator
    let informer: Informer<String>
    let changes: Inbox<String>

    func put(_ name: String, _ value: String, in namespace: String = "default", kept: String = "yes") async throws {
      let object: JSONValue = [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": .string(name), "namespace": .string(namespace), "labels": ["kept": .string(kept)]],
        "data": ["value": .string(value)],
      ]
      try await simulator.apply(yaml: object.description)
    }

    func remove(_ name: String) async throws {
      try await simulator.store.delete(ObjectAddress(.configMaps, namespace: "default", name: name))
    }

    func fail(_ verb: Verb, _ code: Int, _ reason: String, times: Int = 1) {
      let status = ServerStatus(code: code, reason: reason, message: "on demand")
      simulator.faults.failNext(times, RequestMatch(verb, "configmaps"), with: status)
    }

    /// Without the requests for the current version.
    var lists: Int { simulator.requests.entries.count { $0.verb == .list && $0.limit != 1 } }
    var watches: Int { simulator.requests.count(.watch, "configmaps") }
    var names: [String] { informer.store.keys.map(\.name).sorted() }
  }

  private func withInformer(
    seeding names: [String] = [],
    namespaces: [String] = [],
    fieldSelector: String? = nil,
    clock: MonotonicClock = .system,
    logger: Logger = .silent,
    _ body: (Scene) async throws -> Void
  ) async throws {
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: nil))
    let changes = Inbox<String>()
    let listWatch = ListWatch(
      client: KubernetesClient(configuration: try .plain(server: simulator.url)),
      resource: .configMaps,
      labelSelector: "kept=yes",
      fieldSelector: fieldSelector,
      metadataOnly: false
    )
    let informer = Informer<String>(
      listWatch: listWatch,
      namespaces: namespaces,
      logger: logger,
      clock: clock,
      transform: { $0.json["data"]?["value"]?.string },
      indexedBy: { [$0] },
      onChange: { key, before, after in changes.put("\(key.name) \(before ?? "-") \(after ?? "-")") }
    )
    let scene = Scene(simulator: simulator, informer: informer, changes: changes)
    for name in names { try await scene.put(name, "1") }
    let running = Task { await informer.run() }
    await informer.waitUntilSynced()
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(scene))
    } catch {
      result = .failure(error)
    }
    running.cancel()
    await running.value
    await simulator.stop()
    try result.get()
  }

  @Test func everythingIsListedAndThenFollowed() async throws {
    try await withInformer(seeding: ["a"]) { scene async throws in
      #expect(scene.informer.store[ObjectKey(namespace: "default", name: "a")] == "1")
      #expect(scene.informer.isSynced)
      #expect(try await scene.changes.next() == "a - 1")
      try await scene.put("b", "1")
      #expect(try await scene.changes.next() == "b - 1")
      try await scene.put("b", "2")
      #expect(try await scene.changes.next() == "b 1 2")
      try await scene.remove("a")
      #expect(try await scene.changes.next() == "a 1 -")
      #expect(scene.names == ["b"])
      #expect(scene.informer.store.values(in: "default", indexedUnder: "2") == ["2"])
    }
  }

  @Test func aListOfManyPagesIsWhole() async throws {
    let names = (0..<1100).map { "object-\($0)" }
    try await withInformer(seeding: names) { scene async throws in
      #expect(scene.informer.store.count == names.count)
      #expect(scene.lists == 3)
    }
  }

  @Test func selectorsAndNamespacesNarrowIt() async throws {
    try await withInformer(namespaces: ["default", "kube-system"], fieldSelector: "metadata.name!=hidden") {
      scene async throws in
      try await scene.simulator.apply(yaml: "{apiVersion: v1, kind: Namespace, metadata: {name: other}}")
      try await scene.put("elsewhere", "1", in: "other")
      try await scene.put("unlabelled", "1", kept: "no")
      try await scene.put("hidden", "1")
      try await scene.put("first", "1")
      #expect(try await scene.changes.next() == "first - 1")
      try await scene.put("second", "1", in: "kube-system")
      #expect(try await scene.changes.next() == "second - 1")
      #expect(scene.names == ["first", "second"])
      #expect(scene.lists == 2)
    }
  }

  @Test func aRelistOfOneNamespaceLeavesTheOthersAlone() async throws {
    try await withInformer(seeding: ["a"], namespaces: ["default", "kube-system"]) { scene async throws in
      try await scene.put("b", "1", in: "kube-system")
      for _ in 0..<2 { _ = try await scene.changes.next() }
      scene.fail(.watch, 410, "Expired")
      await scene.simulator.cutWatches()
      try await eventually("one is listed again") { scene.lists == 3 }
      try await scene.put("end", "1")
      #expect(try await scene.changes.next() == "end - 1")
      #expect(scene.names == ["a", "b", "end"])
    }
  }

  @Test(arguments: [true, false])
  func aWatchThatEndsIsTakenUpFromItsLastVersionWithoutANewList(abruptly: Bool) async throws {
    try await withInformer(seeding: ["a"]) { scene async throws in
      #expect(try await scene.changes.next() == "a - 1")
      for round in 1...3 {
        await scene.simulator.cutWatches(abruptly: abruptly)
        try await scene.put("r\(round)", "1")
        #expect(try await scene.changes.next() == "r\(round) - 1")
      }
      #expect(scene.lists == 1)
    }
  }

  @Test func aVersionTooOldListsAgainAndReportsTheDifferencesAlone() async throws {
    try await withInformer(seeding: ["gone", "kept", "changed"]) { scene async throws in
      for _ in 0..<3 { _ = try await scene.changes.next() }
      // The list is held back until the objects have changed unseen.
      scene.simulator.faults.delay(RequestMatch(.list, "configmaps"), by: .milliseconds(300))
      scene.fail(.watch, 410, "Expired")
      await scene.simulator.cutWatches()
      try await scene.remove("gone")
      try await scene.put("changed", "2")
      try await scene.put("new", "1")
      var changes: Set<String> = []
      for _ in 0..<3 { changes.insert(try await scene.changes.next()) }
      #expect(changes == ["gone 1 -", "changed 1 2", "new - 1"])
      #expect(scene.lists == 2)
      #expect(scene.names == ["changed", "kept", "new"])
    }
  }

  @Test func aVersionFoundTooOldInTheStreamListsAgain() async throws {
    try await withInformer(seeding: ["a"]) { scene async throws in
      #expect(try await scene.changes.next() == "a - 1")
      scene.simulator.faults.delay(RequestMatch(.watch, "configmaps"), by: .milliseconds(200))
      await scene.simulator.cutWatches()
      try await scene.put("b", "1")
      await scene.simulator.store.compact()
      #expect(try await scene.changes.next() == "b - 1")
      #expect(scene.lists == 2)
    }
  }

  @Test(arguments: [
    AnswerFault.duplicate, .late(.milliseconds(20)), .drip(.milliseconds(20)), .garbage, .reset, .truncation,
  ])
  func disturbedEventsNeitherLoseNorRepeatAChange(fault: AnswerFault) async throws {
    try await withInformer(seeding: ["a"]) { scene async throws in
      #expect(try await scene.changes.next() == "a - 1")
      scene.simulator.faults.disturb(RequestMatch(.watch, "configmaps"), times: 1, by: fault)
      try await scene.put("a", "2")
      #expect(try await scene.changes.next() == "a 1 2")
      try await scene.put("a", "3")
      #expect(try await scene.changes.next() == "a 2 3")
      #expect(scene.lists == 1, "it is taken up, not listed again")
    }
  }

  @Test func aLaterStateThatComesFirstIsTheOneThatStays() async throws {
    try await withInformer(seeding: ["a"]) { scene async throws in
      #expect(try await scene.changes.next() == "a - 1")
      scene.simulator.faults.disturb(RequestMatch(.watch), times: 1, by: .late(.milliseconds(100)))
      try await scene.put("a", "2")
      try await scene.put("a", "3")
      #expect(try await scene.changes.next() == "a 1 3")
      // Comes after the late one.
      scene.simulator.faults.disturb(RequestMatch(.watch), times: 1, by: .late(.milliseconds(300)))
      try await scene.put("end", "1")
      #expect(try await scene.changes.next() == "end - 1")
      #expect(scene.informer.store[ObjectKey(namespace: "default", name: "a")] == "3")
    }
  }

  @Test func anEventThatCannotBeReadIsLeftBehindByAListWithWaitsInBetween() async throws {
    try await withInformer(seeding: ["a"]) { scene async throws in
      #expect(try await scene.changes.next() == "a - 1")
      scene.simulator.faults.disturb(RequestMatch(.watch), times: 2, by: .oversize(17 << 20))
      try await scene.put("a", "2")
      #expect(try await scene.changes.next() == "a 1 2")
      #expect(scene.lists == 2)
      #expect(scene.watches < 6)
    }
  }

  @Test func aServerThatFailsIsTriedAgainAndTheLogNamesTheStep() async throws {
    let log = LogLines()
    try await withInformer(logger: Logger(label: "test") { _ in log }) { scene async throws in
      // The client tries four times by itself.
      scene.fail(.watch, 500, "InternalError", times: 9)
      await scene.simulator.cutWatches()
      try await scene.put("a", "1")
      #expect(try await scene.changes.next() == "a - 1")
      #expect(scene.lists == 1)
      #expect(log.lines.count { $0.contains("configmaps: start of the watch:") } == 2)
    }
  }

  @Test func watchesThatEndAsSoonAsTheyBeginAreBegunMoreAndMoreSlowly() async throws {
    let clock = TestClock()
    try await withInformer(clock: clock.clock) { scene async throws in
      var waits: [Duration] = []
      for round in 1...12 {
        try await eventually("watch \(round)") { scene.watches == round }
        await scene.simulator.cutWatches(of: .configMaps)
        let wait = await clock.nextSleep()
        waits.append(wait)
        clock.advance(by: wait)
      }
      // The bound has doubled from 0.2 s to 30 s: one of the last waits is long, unless chance has it once in ten
      // million times.
      #expect(waits[0] <= .milliseconds(200))
      #expect((waits.dropFirst(7).max() ?? .zero) > .seconds(1))
      // After health it begins anew.
      try await eventually("the last watch") { scene.watches == 13 }
      clock.advance(by: .seconds(10))
      await scene.simulator.cutWatches(of: .configMaps)
      try await eventually("it is taken up at once") { scene.watches == 14 }
      await scene.simulator.cutWatches(of: .configMaps)
      #expect(await clock.nextSleep() <= .milliseconds(200))
    }
  }

  // MARK: etcd restored from a backup

  @Test(arguments: [[], ["default", "kube-system"]])
  func afterARestoreTheDifferencesAreReportedAndLaterChangesAreFollowed(namespaces: [String]) async throws {
    try await withInformer(seeding: ["kept", "changed", "deleted"], namespaces: namespaces) { scene async throws in
      for _ in 0..<3 { _ = try await scene.changes.next() }
      let backup = await scene.simulator.store.backup()
      try await scene.put("changed", "2")
      try await scene.remove("deleted")
      try await scene.put("new", "1")
      for change in ["changed 1 2", "deleted 1 -", "new - 1"] { #expect(try await scene.changes.next() == change) }
      await scene.simulator.store.restore(backup)
      var changes: Set<String> = []
      for _ in 0..<3 { changes.insert(try await scene.changes.next()) }
      #expect(changes == ["changed 2 1", "deleted - 1", "new 1 -"])
      // Their versions are older than what was known before the restore.
      try await scene.put("changed", "3")
      #expect(try await scene.changes.next() == "changed 1 3")
      try await scene.remove("kept")
      #expect(try await scene.changes.next() == "kept 1 -")
      #expect(scene.names == ["changed", "deleted"])
    }
  }

  @Test func aRestoreThatAListFindsIsNoticedAsWell() async throws {
    let log = LogLines()
    try await withInformer(seeding: ["a"], logger: Logger(label: "test") { _ in log }) { scene async throws in
      #expect(try await scene.changes.next() == "a - 1")
      let backup = await scene.simulator.store.backup()
      for value in ["2", "3"] {
        try await scene.put("a", value)
        _ = try await scene.changes.next()
      }
      // Two requests for the version fail, so that the next step lists.
      scene.fail(.list, 400, "BadRequest", times: 2)
      await scene.simulator.store.restore(backup)
      #expect(try await scene.changes.next() == "a 3 1")
      #expect(scene.lists == 3, "the first one, the one that notices, and the one that counts")
      #expect(log.lines.count { $0.contains("configmaps: current version:") } == 2)
      #expect(log.lines.count { $0.contains("etcd was restored from a backup") } == 1)
      try await scene.put("a", "4")
      #expect(try await scene.changes.next() == "a 1 4")
    }
  }

  @Test func aRestoreToAHigherRevisionIsNoticedByWhatTheListLacks() async throws {
    try await withInformer(seeding: ["a", "b"]) { scene async throws in
      for _ in 0..<2 { _ = try await scene.changes.next() }
      let backup = await scene.simulator.store.backup()
      try await scene.put("a", "2")
      #expect(try await scene.changes.next() == "a 1 2")
      try await scene.remove("b")
      #expect(try await scene.changes.next() == "b 1 -")
      await scene.simulator.store.restore(backup, bump: 1_000_000)
      var changes: Set<String> = []
      for _ in 0..<2 { changes.insert(try await scene.changes.next()) }
      #expect(changes == ["a 2 1", "b - 1"])
      try await scene.put("a", "3")
      #expect(try await scene.changes.next() == "a 1 3")
    }
  }

  @Test func aStoreIsNotConfirmedFromTheEndOfAWatchToTheAnswerAboutTheVersion() async throws {
    try await withInformer(seeding: ["a"]) { scene async throws in
      try await eventually("the first watch") { scene.watches == 1 }
      #expect(scene.informer.isConfirmed)
      scene.fail(.list, 503, "ServiceUnavailable", times: 1_000_000)
      await scene.simulator.cutWatches()
      try await eventually("it is interrupted") { !scene.informer.isConfirmed }
      #expect(scene.informer.isSynced)
      scene.simulator.faults.clear()
      await scene.informer.waitUntilConfirmed()
      try await eventually("the next watch") { scene.watches == 2 }
      #expect(scene.lists == 1)
    }
  }

  @Test func informersOfOneHistoryListAnewTogether() async throws {
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: nil))
    let client = KubernetesClient(configuration: try .plain(server: simulator.url))
    let history = ServerHistory()
    let informers = ["default", "kube-system"].map { namespace in
      Informer<String>(
        client: client,
        resource: .configMaps,
        namespaces: [namespace],
        history: history,
        logger: .silent,
        transform: { $0.resourceVersion },
        onChange: { _, _, _ in }
      )
    }
    let running = informers.map { informer in Task { await informer.run() } }
    for informer in informers { await informer.waitUntilSynced() }
    try await eventually("both watch") { simulator.requests.count(.watch) == 2 }
    let era = history.era
    let backup = await simulator.store.backup()
    try await simulator.store.create(["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"]])
    try await eventually("the first one has it") { informers[0].store.count == 1 }
    simulator.resetRequests()
    // The second one knows no version that the restored server does not have.
    await simulator.store.restore(backup)
    try await eventually("the era is over") { era.isOver }
    #expect(throws: ServerHistory.Era.Over.self) { try era.check() }
    for informer in informers { await informer.waitUntilSynced() }
    #expect(informers[0].store.keys.isEmpty)
    let listed = simulator.requests.entries.filter { $0.verb == .list && $0.limit != 1 }.compactMap(\.namespace)
    #expect(Set(listed) == ["default", "kube-system"])
    for task in running { task.cancel() }
    await simulator.stop()
  }

  @Test func aWatchThatEndsAsksForTheVersionOnce() async throws {
    try await withInformer { scene async throws in
      try await eventually("the first watch") { scene.watches == 1 }
      await scene.simulator.cutWatches()
      try await eventually("the next watch") { scene.watches == 2 }
      #expect(scene.simulator.requests.entries.filter { $0.limit == 1 }.count == 1)
    }
  }
}
