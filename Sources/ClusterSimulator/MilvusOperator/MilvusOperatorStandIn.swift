import JSON
import Logging

/// Does what milvus-operator and the controllers of Kubernetes do for a Milvus: ConfigMap, Service, Deployments, pods
/// that are replaced component by component, and the Milvus's status.
///
/// It processes the store's events one by one and never waits: every step that takes time ends in another event.
public actor MilvusOperatorStandIn {
  private let store: ClusterStore
  private let runner: PodRunner
  private let logger: Logger
  private var loop: Task<Void, Never>?
  private static let manager = "milvus-operator"

  /// - Parameter podsListen: whether pods get their own addresses and listen on Milvus's ports.
  init(store: ClusterStore, logs: PodLogs, startDelay: Duration, podsListen: Bool, logger: Logger) {
    self.store = store
    let network = podsListen ? PodNetwork(logger: logger) : nil
    runner = PodRunner(store: store, logs: logs, startDelay: startDelay, network: network)
    self.logger = logger
  }

  func start() async {
    let changes = await store.changes()
    for milvus in await store.list(.milvuses) { await reconcile(milvus.namespace, milvus.name) }
    loop = Task {
      for await event in changes { await handle(event) }
    }
  }

  func stop() async {
    loop?.cancel()
    await loop?.value
    await runner.stop()
  }

  private func handle(_ event: StoreEvent) async {
    switch event.key.resource {
    case .milvuses where event.kind != .deleted:
      await reconcile(event.key.namespace, event.key.name)
    case .secrets where event.kind != .deleted:
      await runner.secretsChanged(in: event.key.namespace)
    case .pods:
      if event.kind == .deleted { await runner.podDeleted(event.object) } else { await runner.consider(event.object) }
      guard let release = event.object.labels["app.kubernetes.io/instance"] else { return }
      await reconcile(event.key.namespace, release)
    default: break
    }
  }

  private func reconcile(_ namespace: String, _ name: String) async {
    guard let milvus = await store.object(.milvuses, namespace: namespace, name: name), !milvus.isBeingDeleted else {
      return
    }
    let release = MilvusRelease(milvus)
    do {
      guard release.namesImage else {
        try await writeDefaultImage(release.image, to: milvus)
        return
      }
      try await ensure(release.configMap, of: .configMaps)
      try await ensure(release.service, of: .services)
      var isThrough = true
      for component in release.components {
        isThrough = try await roll(component, of: release, milvus)
        // The next component is rolled out when this one runs.
        if !isThrough { break }
      }
      if isThrough { try await removeOthers(than: release, of: milvus) }
      try await report(milvus, isThrough: isThrough, failure: nil)
    } catch let rejection as MilvusRelease.RejectedTemplate {
      try? await report(milvus, isThrough: false, failure: rejection.message)
    } catch {
      // Another client wrote or deleted the object in the meantime; its event starts the next round.
      logger.debug("milvus \(namespace)/\(name): \(error)")
    }
  }

  private func writeDefaultImage(_ image: String, to milvus: JSONValue) async throws {
    let key = ObjectAddress(.milvuses, namespace: milvus.namespace, name: milvus.name)
    try await store.update(key, manager: Self.manager) {
      var components = $0[path: "spec", "components"] ?? [:]
      components["image"] = .string(image)
      $0[JSONPointer("/spec/components")] = components
    }
  }

  private func ensure(_ object: JSONValue, of resource: ResourceIdentifier) async throws {
    let key = ObjectAddress(resource, namespace: object.namespace, name: object.name)
    guard await store.object(key) != nil else {
      try await store.create(object, manager: Self.manager)
      return
    }
    try await store.update(key, manager: Self.manager) { current in
      for part in ["data", "spec"] { current[part] = object[part] }
    }
  }

  // MARK: Pods

  /// Advances the rollout of a component by one step.
  /// - Returns: whether all its pods run the desired template.
  private func roll(
    _ component: MilvusRelease.Component,
    of release: MilvusRelease,
    _ milvus: JSONValue
  ) async throws -> Bool {
    let key = ObjectAddress(.deployments, namespace: milvus.namespace, name: release.deploymentName(of: component))
    let running = await store.object(key)?[path: "spec", "template"]
    let isHeldBack = release.isHeldBack && running != nil
    let wanted = try release.template(of: component, over: running)
    let template = isHeldBack ? running ?? wanted : wanted
    let deployment = try await writeDeployment(template, at: key, component, of: release, milvus)

    let hash = template.digest
    let pods = await store.list(.pods, namespace: milvus.namespace).filter { $0.ownerUIDs.contains(deployment.uid) }
    let current = pods.filter { $0.labels["pod-template-hash"] == hash }
    let replicas = release.replicas(of: component)
    guard current.allSatisfy(\.isReady) else { return false }
    guard current.count >= replicas else {
      try await store.create(Self.pod(from: template, hash: hash, of: deployment), manager: "kube-controller-manager")
      return false
    }
    let surplus = pods.filter { $0.labels["pod-template-hash"] != hash } + current.dropFirst(replicas)
    for pod in surplus { try await store.delete(ObjectAddress(.pods, namespace: pod.namespace, name: pod.name)) }
    return template == wanted
  }

  private func writeDeployment(
    _ template: JSONValue,
    at key: ObjectAddress,
    _ component: MilvusRelease.Component,
    of release: MilvusRelease,
    _ milvus: JSONValue
  ) async throws -> JSONValue {
    let labels = JSONValue.object(release.labels(of: component))
    let spec: JSONValue = [
      "replicas": .integer(release.replicas(of: component)), "selector": ["matchLabels": labels], "template": template,
    ]
    guard await store.object(key) != nil else {
      let deployment: JSONValue = [
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": [
          "name": .string(key.name), "namespace": .string(key.namespace), "labels": labels,
          "ownerReferences": [MilvusRelease.owner(milvus)],
        ],
        "spec": spec,
      ]
      return try await store.create(deployment, manager: Self.manager)
    }
    return try await store.update(key, manager: Self.manager) { $0["spec"] = spec }
  }

  private static func pod(from template: JSONValue, hash: String, of deployment: JSONValue) -> JSONValue {
    var metadata = template["metadata"] ?? [:]
    metadata["generateName"] = .string("\(deployment.name)-\(hash.prefix(10))-")
    metadata["namespace"] = .string(deployment.namespace)
    metadata["ownerReferences"] = [MilvusRelease.owner(deployment)]
    metadata[JSONPointer(["labels", "pod-template-hash"])] = .string(hash)
    return ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] ?? [:]]
  }

  /// Deletes the Deployments of components that the mode no longer has, and so their pods.
  private func removeOthers(than release: MilvusRelease, of milvus: JSONValue) async throws {
    let names = Set(release.components.map(release.deploymentName))
    for deployment in await store.list(.deployments, namespace: milvus.namespace)
    where deployment.ownerUIDs.contains(milvus.uid) && !names.contains(deployment.name) {
      try await store.delete(ObjectAddress(.deployments, namespace: deployment.namespace, name: deployment.name))
    }
  }

  // MARK: Status

  private func report(_ milvus: JSONValue, isThrough: Bool, failure: String?) async throws {
    let key = ObjectAddress(.milvuses, namespace: milvus.namespace, name: milvus.name)
    try await store.update(key, subresource: .status, manager: Self.manager) { current in
      let wasHealthy = current[path: "status", "status"] == "Healthy"
      let state: JSONValue = failure != nil ? "Unhealthy" : isThrough || wasHealthy ? "Healthy" : "Pending"
      var status = current["status"] ?? [:]
      status["status"] = state
      status["observedGeneration"] = .integer(milvus.generation)
      status["conditions"] = .array([
        Self.condition("MilvusReady", state == "Healthy", "ReasonMilvusReady", "", in: current),
        Self.condition(
          "MilvusUpdated",
          isThrough,
          isThrough ? "MilvusComponentsUpdated" : "MilvusComponentsUpdating",
          failure ?? "",
          in: current
        ),
      ])
      current["status"] = status
    }
  }

  private static func condition(
    _ type: String,
    _ holds: Bool,
    _ reason: String,
    _ message: String,
    in milvus: JSONValue
  ) -> JSONValue {
    let previous = milvus[path: "status", "conditions"]?.array?.first { $0["type"]?.string == type }
    let status: JSONValue = holds ? "True" : "False"
    let time = previous?["status"] == status ? previous?["lastTransitionTime"] : nil
    return [
      "type": .string(type), "status": status, "reason": .string(reason), "message": .string(message),
      "lastTransitionTime": time ?? ObjectMetadata.now,
    ]
  }
}
