import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Observability

/// The operator's view of the cluster: what its watches have brought, slimmed.
struct ClusterView: Sendable {
  /// After a restore of etcd everything is listed anew.
  let history = ServerHistory()
  /// How long a reconciliation waits for watches that have ended.
  private static let confirmationTimeout = Duration.seconds(10)

  let milvuses: Informer<ObservedMilvus>
  let milvusTLS: Informer<ObservedMilvusTLS>
  let secrets: Informer<ObservedSecret>
  let pods: Informer<ObservedPod>
  let unmanagedSecrets: UnmanagedSecrets
  let certManager: CertManagerView
  let configMaps: ProvidedConfigMaps

  /// - Parameters:
  ///   - namespaces: empty for all.
  ///   - queue: gets the Milvus that a change concerns.
  ///   - podDidEnd: called with each pod that is gone or going.
  init(
    client: KubernetesClient,
    namespaces: [String],
    queue: WorkQueue<ObjectKey>,
    logger: Logger,
    podDidEnd: @escaping @Sendable (ObservedPod) async -> Void
  ) {
    milvuses = Informer(
      client: client,
      resource: .milvuses,
      namespaces: namespaces,
      history: history,
      logger: logger,
      transform: { ObservedMilvus($0.json) },
      onChange: queue.enqueueingObjects()
    )
    milvusTLS = Informer(
      client: client,
      resource: .milvusTLS,
      namespaces: namespaces,
      history: history,
      logger: logger,
      transform: { ObservedMilvusTLS($0.json) },
      indexedBy: { milvusTLS in
        let secrets = milvusTLS.unmanagedSecretNames
        return [milvusTLS.milvusName] + secrets.map(UnmanagedSecrets.indexName)
          + (secrets.isEmpty ? [] : [UnmanagedSecrets.usersName])
      },
      onChange: queue.enqueueing { [ObjectKey(namespace: $1.namespace, name: $1.milvusName)] }
    )
    let certManager = CertManagerView(
      client: client,
      namespaces: namespaces,
      milvusTLS: milvusTLS.store,
      history: history,
      queue: queue,
      logger: logger
    )
    let milvusTLS = milvusTLS.store
    unmanagedSecrets = UnmanagedSecrets(
      client: client,
      namespaces: namespaces,
      users: { secret in
        milvusTLS.values(in: secret.namespace, indexedUnder: UnmanagedSecrets.indexName(secret.name))
          .map { ObjectKey(namespace: secret.namespace, name: $0.milvusName) }
          + (certManager.milvus(ofSecret: secret).map { [$0] } ?? [])
      },
      history: history,
      queue: queue,
      logger: logger
    )
    self.certManager = certManager
    configMaps = ProvidedConfigMaps(client: client, history: history, queue: queue, logger: logger)
    secrets = Informer(
      client: client,
      resource: .secrets,
      namespaces: namespaces,
      labelSelector: Labels.role,
      history: history,
      logger: logger,
      transform: { ObservedSecret($0.json) },
      onChange: queue.enqueueing { key, secret in
        secret.milvus.map { [ObjectKey(namespace: key.namespace, name: $0)] } ?? []
      }
    )
    let addMilvus = queue.enqueueing { (_, pod: ObservedPod) in
      [ObjectKey(namespace: pod.namespace, name: pod.milvus)]
    }
    pods = Informer(
      client: client,
      resource: .pods,
      namespaces: namespaces,
      labelSelector: "app.kubernetes.io/name=milvus,app.kubernetes.io/managed-by=milvus-operator",
      history: history,
      logger: logger,
      transform: { ObservedPod($0.json) },
      indexedBy: { [$0.milvus] },
      onChange: { key, before, after in
        if let pod = after ?? before, after?.isDeleting ?? true { await podDidEnd(pod) }
        await addMilvus(key, before, after)
      }
    )
  }

  /// Whether everything has been listed, after the last restore of etcd.
  var isSynced: Bool {
    milvuses.isSynced && milvusTLS.isSynced && secrets.isSynced && unmanagedSecrets.isSynced && pods.isSynced
  }

  /// Keeps the view up to date until the task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await milvuses.run() }
      group.addTask { await milvusTLS.run() }
      group.addTask { await secrets.run() }
      group.addTask { await pods.run() }
      group.addTask { await unmanagedSecrets.run() }
      group.addTask { await certManager.run() }
    }
    configMaps.stop()
  }

  /// Waits until everything has been listed: decisions on half a view would write what is there already.
  /// - Parameter health: is told of each store that is filled.
  func waitUntilSynced(health: OperatorHealth) async {
    let waits: [(name: String, wait: @Sendable () async -> Void)] = [
      ("milvuses", milvuses.waitUntilSynced), ("milvustls", milvusTLS.waitUntilSynced),
      ("secrets", secrets.waitUntilSynced), ("other secrets", unmanagedSecrets.waitUntilSynced),
      ("pods", pods.waitUntilSynced),
    ]
    health.begin(stores: waits.map(\.name))
    for (name, wait) in waits {
      await wait()
      if !Task.isCancelled { health.synced(name) }
    }
  }

  /// After watches have ended, waits until the server has told whether etcd was restored. Otherwise a write that is
  /// refused as outdated would be decided anew from some states of after the restore and others of before it. Does not
  /// wait for ever: if a watch is refused for good, certificates still have to be renewed.
  func waitUntilConfirmed() async {
    let isConfirmed =
      milvuses.isConfirmed && milvusTLS.isConfirmed && secrets.isConfirmed && unmanagedSecrets.isConfirmed
      && pods.isConfirmed
    if isConfirmed { return }
    await withTaskGroup { group in
      group.addTask {
        await milvuses.waitUntilConfirmed()
        await milvusTLS.waitUntilConfirmed()
        await secrets.waitUntilConfirmed()
        await unmanagedSecrets.waitUntilConfirmed()
        await pods.waitUntilConfirmed()
      }
      group.addTask { try? await Task.sleep(for: Self.confirmationTimeout) }
      await group.next()
      group.cancelAll()
    }
  }

  /// Everything about one Milvus.
  func observe(_ key: ObjectKey, now: Date) async -> Observation {
    let milvusTLS = milvusTLS.store.values(in: key.namespace, indexedUnder: key.name)
    var observation = Observation(
      now: now,
      milvus: milvuses.store[key],
      milvusTLS: milvusTLS,
      secrets: secrets.store.values(in: key.namespace),
      pods: pods.store.values(in: key.namespace, indexedUnder: key.name)
    )
    for milvusTLS in milvusTLS { observation.evidence.merge(milvusTLS.status.evidence) }
    observation.unmanagedVersions = unmanagedSecrets.versions(in: key.namespace)
    for user in self.milvusTLS.store.values(in: key.namespace, indexedUnder: UnmanagedSecrets.usersName) {
      for secret in user.unmanagedSecretNames
      where user.milvusName == key.name || observation.unmanagedSecretUsers[secret] == nil {
        observation.unmanagedSecretUsers[secret] = user.milvusName
      }
    }
    let configMapNames = milvusTLS.flatMap(\.configMapNames)
    observation.configMaps = configMaps.states(of: configMapNames, for: key)
    observation.unmanagedSecrets = unmanagedSecrets.contents(in: key.namespace)
    if milvusTLS.contains(where: \.namesIssuer) {
      observation.certManager = await certManager.state(in: key.namespace)
    }
    return observation
  }

  /// Whether an unmanaged Secret that a Milvus uses has changed since it was observed.
  /// - Parameter seen: the versions at that time. Those in the observation are newer for a Secret that was read since.
  func hasNewSecrets(for observation: Observation, seen: [String: String]) -> Bool {
    observation.milvusTLS.contains { milvusTLS in
      let known = unmanagedSecrets.versions(in: milvusTLS.namespace)
      return milvusTLS.unmanagedSecretNames.contains { name in
        known[name] != seen[name] && known[name] != observation.unmanagedVersions[name]
      }
    }
  }
}
