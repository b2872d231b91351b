import ClusterSimulator
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct InformerTests {
  /// The changes that an informer reports, to wait for.
  private final class Changes: Sendable {
    let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() {
      (stream, continuation) = AsyncStream.makeStream()
    }

    func note(_ key: ObjectKey, _ before: String?, _ after: String?) {
      continuation.yield("\(key.name) \(before ?? "-") \(after ?? "-")")
    }
  }

  private func withInformer(
    seeding names: [String] = [],
    _ body: (ClusterSimulator, Informer<String>, inout AsyncStream<String>.Iterator) async throws -> Void
  ) async throws {
    let simulator = try await ClusterSimulator.start()
    for name in names { try await Self.put(name, "1", into: simulator) }
    let changes = Changes()
    let informer = Informer<String>(
      client: KubernetesClient(configuration: try .plain(server: simulator.url)),
      resource: .configMaps,
      namespace: nil,
      labelSelector: "kept=yes",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      keep: { $0.json["data"]?["value"]?.string },
      onChange: { changes.note($0, $1, $2) }
    )
    let running = Task { await informer.run() }
    await informer.waitUntilSynced()
    var iterator = changes.stream.makeAsyncIterator()
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(simulator, informer, &iterator))
    } catch {
      result = .failure(error)
    }
    running.cancel()
    await running.value
    await simulator.stop()
    try result.get()
  }

  private static func put(_ name: String, _ value: String, into simulator: ClusterSimulator) async throws {
    let object: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": .string(name), "namespace": "default", "labels": ["kept": "yes"]],
      "data": ["value": .string(value)],
    ]
    try await simulator.apply(yaml: object.description)
  }

  private static func remove(_ name: String, from simulator: ClusterSimulator) async throws {
    try await simulator.store.delete(ObjectAddress(.configMaps, namespace: "default", name: name))
  }

  @Test func everythingIsListedAndThenFollowed() async throws {
    try await withInformer(seeding: ["a"]) { simulator, informer, changes in
      #expect(informer.store[ObjectKey(namespace: "default", name: "a")] == "1")
      #expect(await changes.next() == "a - 1")
      try await Self.put("b", "1", into: simulator)
      #expect(await changes.next() == "b - 1")
      try await Self.put("b", "2", into: simulator)
      #expect(await changes.next() == "b 1 2")
      try await Self.remove("a", from: simulator)
      #expect(await changes.next() == "a 1 -")
      #expect(informer.store.keys.map(\.name) == ["b"])
    }
  }

  @Test(arguments: [true, false])
  func aWatchThatEndsIsTakenUpFromItsLastVersionWithoutANewList(abruptly: Bool) async throws {
    try await withInformer(seeding: ["a"]) { simulator, _, changes in
      #expect(await changes.next() == "a - 1")
      for round in 1...3 {
        await simulator.cutWatches(abruptly: abruptly)
        try await Self.put("r\(round)", "1", into: simulator)
        #expect(await changes.next() == "r\(round) - 1")
      }
      #expect(simulator.requests.count(.list, "configmaps") == 1)
    }
  }

  @Test func aVersionTooOldListsAgainAndReportsTheDifferences() async throws {
    try await withInformer(seeding: ["gone", "kept", "changed"]) { simulator, informer, changes in
      for _ in 0..<3 { _ = await changes.next() }
      // The list is held back until the objects have changed unseen.
      simulator.faults.delay(RequestMatch(.list, "configmaps"), by: .milliseconds(300))
      simulator.faults.failNext(
        1,
        RequestMatch(.watch, "configmaps"),
        with: ServerStatus(code: 410, reason: "Expired", message: "too old resource version")
      )
      await simulator.cutWatches()
      try await Self.remove("gone", from: simulator)
      try await Self.put("changed", "2", into: simulator)
      try await Self.put("new", "1", into: simulator)
      var missing: Set<String> = ["gone 1 -", "changed 1 2", "new - 1"]
      while !missing.isEmpty {
        let change = try #require(await changes.next())
        missing.remove(change)
      }
      #expect(simulator.requests.count(.list, "configmaps") == 2)
      #expect(informer.store.keys.map(\.name).sorted() == ["changed", "kept", "new"])
    }
  }

  @Test func aServerThatFailsIsTriedAgain() async throws {
    try await withInformer { simulator, _, changes in
      simulator.faults.failNext(
        2,
        RequestMatch(.watch, "configmaps"),
        with: ServerStatus(code: 500, reason: "InternalError", message: "down")
      )
      await simulator.cutWatches()
      try await Self.put("a", "1", into: simulator)
      #expect(await changes.next() == "a - 1")
    }
  }
}
