import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS

/// The operator's view of the cluster: what its watches have brought, slimmed.
struct ClusterView: Sendable {
  let milvuses: Informer<ObservedMilvus>
  let milvusTLS: Informer<ObservedMilvusTLS>
  let secrets: Informer<ObservedSecret>
  let pods: Informer<ObservedPod>

  /// - Parameters:
  ///   - enqueue: called with the Milvus that a change concerns.
  ///   - podDidEnd: called with each pod that is gone or going.
  init(
    client: KubernetesClient,
    logger: Logger,
    enqueue: @escaping @Sendable (ObjectKey) async -> Void,
    podDidEnd: @escaping @Sendable (ObservedPod) async -> Void
  ) {
    milvuses = Informer(
      client: client,
      resource: .milvuses,
      namespace: nil,
      logger: logger,
      keep: { ObservedMilvus($0.json) },
      onChange: { key, before, after in if before != after { await enqueue(key) } }
    )
    milvusTLS = Informer(
      client: client,
      resource: .milvusTLS,
      namespace: nil,
      logger: logger,
      keep: { ObservedMilvusTLS($0.json) },
      onChange: { key, before, after in
        guard before != after else { return }
        let names = Set([before, after].compactMap { $0?.milvusName })
        for name in names { await enqueue(ObjectKey(namespace: key.namespace, name: name)) }
      }
    )
    secrets = Informer(
      client: client,
      resource: .secrets,
      namespace: nil,
      labelSelector: "\(Names.managedByLabel)=\(Names.manager)",
      logger: logger,
      keep: { ObservedSecret($0.json) },
      onChange: { key, before, after in
        guard before != after, let name = (after ?? before)?.milvus else { return }
        await enqueue(ObjectKey(namespace: key.namespace, name: name))
      }
    )
    pods = Informer(
      client: client,
      resource: .pods,
      namespace: nil,
      labelSelector: "app.kubernetes.io/name=milvus,app.kubernetes.io/managed-by=milvus-operator",
      logger: logger,
      keep: { ObservedPod($0.json) },
      onChange: { key, before, after in
        guard before != after, let pod = after ?? before else { return }
        if after?.isDeleting ?? true { await podDidEnd(pod) }
        await enqueue(ObjectKey(namespace: key.namespace, name: pod.milvus))
      }
    )
  }

  /// Keeps the view up to date until the task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await milvuses.run() }
      group.addTask { await milvusTLS.run() }
      group.addTask { await secrets.run() }
      group.addTask { await pods.run() }
    }
  }

  /// Waits until everything has been listed once: decisions on half a view would write what is there already.
  /// - Parameter health: is told of each store that is filled.
  func waitUntilSynced(health: OperatorHealth) async {
    let waits: [(name: String, wait: @Sendable () async -> Void)] = [
      ("milvuses", milvuses.waitUntilSynced), ("milvustls", milvusTLS.waitUntilSynced),
      ("secrets", secrets.waitUntilSynced), ("pods", pods.waitUntilSynced),
    ]
    health.begin(stores: waits.map(\.name))
    for (name, wait) in waits {
      await wait()
      if !Task.isCancelled { health.synced(name) }
    }
  }

  /// Everything about one Milvus.
  func observe(_ key: ObjectKey, now: Date) -> Observation {
    let milvusTLS = milvusTLS.store.values(in: key.namespace) { $0.milvusName == key.name }
    let secrets = secrets.store.values(in: key.namespace) { _ in true }
    return Observation(
      now: now,
      milvus: milvuses.store[key],
      milvusTLS: milvusTLS,
      secrets: Dictionary(secrets.map { ($0.name, $0) }, uniquingKeysWith: { $1 }),
      pods: pods.store.values(in: key.namespace) { $0.milvus == key.name },
      verdicts: milvusTLS.reduce(into: [:]) { $0.merge($1.verdicts) { $1 } }
    )
  }
}
