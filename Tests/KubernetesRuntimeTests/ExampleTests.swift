import ClusterSimulator
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import ServiceLifecycle
import TestSupport
import Testing

// The example of docs/controller-runtime.md.

/// Gives every ConfigMap labelled `greet: "yes"` a Secret with a greeting, and keeps that right.
struct GreetingOperator: Service {
  /// What is kept of an object: as little as the decision needs.
  struct Greeted: Sendable, Equatable {
    let uid: String
    let name: String?
  }

  let client: KubernetesClient
  let elector: LeaderElector
  let logger: Logger

  func run() async throws {
    let queue = WorkQueue<ObjectKey>(name: "greeting")
    let configMaps = Informer<Greeted>(
      client: client,
      resource: .configMaps,
      labelSelector: "greet=yes",
      logger: logger,
      transform: { Greeted(uid: $0.uid, name: $0.json[path: "data", "name"]?.string) },
      onChange: queue.enqueueingObjects()
    )
    let secrets = Informer<OwnedSecret>(
      client: client,
      resource: .secrets,
      metadataOnly: true,
      logger: logger,
      transform: { OwnedSecret($0) },
      onChange: queue.enqueueing { _, secret in [secret.owner] }
    )
    let watching = Task {
      async let first: Void = configMaps.run()
      async let second: Void = secrets.run()
      _ = await (first, second)
    }
    defer { watching.cancel() }
    await cancelWhenGracefulShutdown {
      await configMaps.waitUntilSynced()
      await secrets.waitUntilSynced()
    }
    try await elector.run { permit in
      // From here on every write asks the permit first.
      let writer = client.fenced(by: permit.check)
      let controller = Controller(name: "greeting", queue: queue, logger: logger) { key in
        if let written = try await greet(key, configMaps.store[key], secrets.store[key], with: writer) {
          secrets.store.insert(written)
        }
        return .done
      }
      await controller.run()
    }
  }

  /// What is kept of a Secret: whose it is, and what it says.
  struct OwnedSecret: Sendable, Equatable {
    let owner: ObjectKey
    let greeting: String
    let resourceVersion: String

    init?(_ object: KubernetesObject) {
      guard let owner = object.controllerKey(of: .configMaps) else { return nil }
      self.owner = owner
      greeting = object.annotations["greeting"] ?? ""
      resourceVersion = object.resourceVersion
    }
  }

  /// Level-triggered: looks at what is, and does what is missing.
  /// - Returns: what was written.
  private func greet(
    _ key: ObjectKey,
    _ configMap: Greeted?,
    _ secret: OwnedSecret?,
    with writer: KubernetesClient
  ) async throws -> KubernetesObject? {
    guard let configMap else { return nil }
    let greeting = "Hello, \(configMap.name ?? "world")"
    if secret?.greeting == greeting { return nil }
    var object = KubernetesObject(.secrets, namespace: key.namespace, name: key.name)
    object.annotations = ["greeting": greeting]
    object.ownerReferences = [
      OwnerReference(apiVersion: "v1", kind: "ConfigMap", name: key.name, uid: configMap.uid, isController: true)
    ]
    guard let secret else { return try await writer.create(object, as: .secrets, namespace: key.namespace) }
    // Guards the write: a newer Secret is answered with a conflict, and this is tried again when the watch has brought
    // it.
    object.resourceVersion = secret.resourceVersion
    return try await writer.mergePatch(.secrets, namespace: key.namespace, name: key.name, patch: object.json)
  }
}

@Suite(.timeLimit(.minutes(5))) struct ExampleTests {
  private func put(_ name: String, on simulator: ClusterSimulator) async throws {
    let object: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": "a", "namespace": "default", "labels": ["greet": "yes"]], "data": ["name": .string(name)],
    ]
    try await simulator.apply(yaml: object.description)
  }

  @Test func theExampleKeepsItsGreetingsRightAndEndsOnAGracefulShutdown() async throws {
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: nil))
    let client = KubernetesClient(configuration: try .plain(server: simulator.url))
    let elector = LeaderElector(
      client: client,
      namespace: "default",
      name: "greeting",
      timing: LeaseTiming(releaseLimit: .seconds(60)),
      logger: .silent
    )
    let services = ServiceGroup(
      services: [GreetingOperator(client: client, elector: elector, logger: .silent)],
      logger: .silent
    )
    let running = Task { try await services.run() }
    let secret = ObjectAddress(.secrets, namespace: "default", name: "a")
    for name in ["Ann", "Bob"] {
      try await put(name, on: simulator)
      try await eventually("\(name) is greeted") {
        let metadata = await simulator.store.object(secret)?["metadata"]
        return metadata?["annotations"]?["greeting"]?.string == "Hello, \(name)"
      }
    }
    try await simulator.store.delete(secret)
    try await eventually("what is deleted comes back") { await simulator.store.object(secret) != nil }
    await services.triggerGracefulShutdown()
    try await running.value
    let lease = await simulator.store.object(ObjectAddress(.leases, namespace: "default", name: "greeting"))
    #expect(lease?["spec"]?["holderIdentity"] == "")
    await simulator.stop()
  }
}
