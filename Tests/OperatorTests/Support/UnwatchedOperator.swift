import ClusterSimulator
import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Observability
import Testing

@testable import Operator

/// The operator's parts in a simulated cluster, with stores that no watch fills: they know what a test puts in and
/// what writes return.
struct UnwatchedOperator: Sendable {
  let simulator: ClusterSimulator
  let client: KubernetesClient
  let log = CapturedLog()
  let clock = SetClock()
  let queue = WorkQueue<ObjectKey>(name: "test")
  let view: ClusterView
  let handshakes: HandshakeRunner
  let executor: PlanExecutor
  let reconciler: Reconciler

  private init(simulator: ClusterSimulator) throws {
    self.simulator = simulator
    var logger = Logger(label: "test") { [log] _ in log }
    logger.logLevel = .debug
    client = KubernetesClient(configuration: try .plain(server: simulator.url), logger: logger)
    view = ClusterView(client: client, namespaces: [], queue: queue, logger: logger) { _ in }
    handshakes = HandshakeRunner(client: client, logger: logger) { _ in }
    let metrics = ReconcileMetrics(PrometheusMetrics())
    executor = PlanExecutor(
      client: client,
      view: view,
      announcer: Announcer(
        events: EventRecorder(client: client, component: "test", logger: logger),
        logger: logger
      ),
      issuing: IssuingThread(),
      metrics: metrics,
      logger: logger
    )
    reconciler = Reconciler(
      view: view,
      minimumDuration: .hours(1),
      issueMissingAfter: .seconds(60),
      executor: executor,
      collectors: [PodLogReader(client: client, logger: logger) { _ in }, handshakes],
      limiter: RolloutLimiter(),
      queue: queue,
      warnings: WarningMemory(),
      failures: FailureMemory(now: clock.now),
      metrics: metrics,
      health: OperatorHealth()
    )
  }

  /// Runs a test with a cluster without pods, and ends both whatever happens.
  static func run(_ body: (UnwatchedOperator) async throws -> Void) async throws {
    var options = ClusterSimulator.Options()
    options.milvusStartDelay = nil
    let simulator = try await ClusterSimulator.start(options)
    let result: Result<Void, any Error>
    do {
      let parts = try UnwatchedOperator(simulator: simulator)
      let events = Task { await parts.executor.announcer.events.run() }
      result = .success(try await body(parts))
      events.cancel()
      await events.value
      await parts.handshakes.stop()
    } catch {
      result = .failure(error)
    }
    await simulator.stop()
    try result.get()
  }

  /// Names an object of the namespace `default`.
  static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

  /// Applies a Milvus, and has the stores know it as it is.
  func apply(milvus name: String, annotations: [String: String] = [:]) async throws {
    let milvus: JSONValue = [
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus",
      "metadata": [
        "name": .string(name), "namespace": "default",
        "annotations": .object(annotations.mapValues(JSONValue.string)),
      ],
      "spec": [:],
    ]
    try await simulator.apply(yaml: milvus.description)
    try await learn(.milvuses, name)
  }

  /// Applies a MilvusTLS, and has the stores know it as it is.
  func apply(milvusTLS name: String, spec: JSONValue) async throws {
    let milvusTLS: JSONValue = [
      "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS",
      "metadata": ["name": .string(name), "namespace": "default"], "spec": spec,
    ]
    try await simulator.apply(yaml: milvusTLS.description)
    try await learn(.milvusTLS, name)
  }

  /// Applies a Secret that the operator did not write.
  func apply(secret name: String) async throws {
    let secret: JSONValue = [
      "apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(name), "namespace": "default"],
      "data": ["ca.pem": "eA=="],
    ]
    try await simulator.apply(yaml: secret.description)
  }

  /// Has the stores know an object as it is.
  func learn(_ resource: Resource, _ name: String) async throws {
    let object = try await client.get(resource, namespace: "default", name: name)
    switch resource {
    case .milvuses: view.milvuses.store.insert(object)
    case .milvusTLS: view.milvusTLS.store.insert(object)
    default: Issue.record("no store for \(resource.plural)")
    }
  }

  func observation(of name: String) async -> Observation {
    await view.observe(Self.key(name), now: Date())
  }

  /// The Milvus resources that are in the queue once these are, in the order of their names.
  func woken(_ count: Int) async -> [String] {
    var keys: [ObjectKey] = []
    while keys.count < count, let key = await queue.next() { keys.append(key) }
    return keys.map(\.name).sorted()
  }
}
