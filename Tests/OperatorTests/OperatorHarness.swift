import ClusterSimulator
import Foundation
import JSON
import Kubernetes
import Logging
import Observability
import Synchronization
import TestSupport
import Testing

@testable import Operator

/// The operator, run against a simulated cluster over HTTP.
final class OperatorHarness: Sendable {
  let simulator: ClusterSimulator
  let log = CapturedLog()
  let metrics = PrometheusMetrics()
  let health = OperatorHealth()
  private let running = Mutex<Task<Void, any Error>?>(nil)

  private init(simulator: ClusterSimulator) {
    self.simulator = simulator
  }

  /// Runs a test with a cluster and an operator, and ends both whatever happens.
  static func run(
    milvusStartDelay: Duration? = .milliseconds(10),
    startsOperator: Bool = true,
    _ body: (OperatorHarness) async throws -> Void
  ) async throws {
    var options = ClusterSimulator.Options()
    options.milvusStartDelay = milvusStartDelay
    options.podsListen = true
    let harness = OperatorHarness(simulator: try await ClusterSimulator.start(options))
    if startsOperator { try harness.start() }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(harness))
    } catch {
      result = .failure(error)
    }
    await harness.stopOperator()
    await harness.simulator.stop()
    try result.get()
  }

  func start(metrics: PrometheusMetrics? = nil, failures: FailureMemory = FailureMemory()) throws {
    var logger = Logger(label: "test") { [log] _ in log }
    logger.logLevel = .debug
    let client = KubernetesClient(configuration: try .plain(server: simulator.url), logger: logger)
    var tlsOperator = TLSOperator(client: client, logger: logger, metrics: metrics ?? self.metrics, health: health)
    tlsOperator.failures = failures
    running.withLock { [tlsOperator] in $0 = Task { try await tlsOperator.run() } }
  }

  func stopOperator() async {
    let task = running.withLock { task in
      defer { task = nil }
      return task
    }
    task?.cancel()
    _ = await task?.result
  }

  /// Applies a Milvus of the namespace `default`.
  func apply(_ name: String = "my-release", annotations: [String: String], spec: JSONValue = [:]) async throws {
    let milvus: JSONValue = [
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus",
      "metadata": [
        "name": .string(name), "namespace": "default",
        "annotations": .object(annotations.mapValues(JSONValue.string)),
      ],
      "spec": spec,
    ]
    // JSON is YAML.
    try await simulator.apply(yaml: milvus.description)
  }

  func object(_ resource: ResourceIdentifier, _ name: String = "my-release") async -> JSONValue? {
    await simulator.store.object(resource, name: name)
  }

  /// `status/reason` of a condition of a MilvusTLS.
  func condition(_ type: String, of name: String = "my-release") async -> String? {
    await object(.milvusTLS, name)?[path: "status", "conditions"]?.array?
      .first { $0["type"]?.string == type }
      .map { "\($0["status"]?.string ?? "")/\($0["reason"]?.string ?? "")" }
  }

  /// Waits until a condition of the cluster holds, looking again at each of its changes.
  func eventually(
    within limit: Duration = .seconds(90),
    _ what: Comment,
    _ holds: @escaping @Sendable () async -> Bool
  ) async throws {
    try await TestSupport.eventually(within: limit, after: await simulator.store.changes(), what, holds)
  }

  /// Waits until an event with a reason is written.
  func waitForEvent(_ reason: String) async throws {
    try await eventually("event \(reason)") {
      let reasons = await self.simulator.store.list(.events).map { $0["reason"]?.string }
      return reasons.contains(reason)
    }
  }

  /// Waits until the operator has ended reconciling: it has written the status of a MilvusTLS and its Milvus is
  /// verified.
  func waitUntilVerified(_ name: String = "my-release") async throws {
    try await eventually("\(name) is verified") {
      await self.condition("Verified", of: name)?.hasPrefix("True/") ?? false
    }
  }
}

/// Keeps log lines for tests.
struct CapturedLog: LogHandler {
  private final class Lines: Sendable {
    let lines = Mutex<[String]>([])
  }

  private let storage = Lines()
  var logLevel = Logger.Level.debug
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    storage.lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
  }

  var lines: [String] { storage.lines.withLock { $0 } }
}
