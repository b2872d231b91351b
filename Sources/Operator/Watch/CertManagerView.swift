import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Synchronization

/// cert-manager's Certificates, followed from the first MilvusTLS on that names an issuer, while cert-manager is
/// installed.
final class CertManagerView: Sendable {
  /// How long a reconciliation waits for a list.
  private static let syncTimeout = Duration.seconds(5)

  private let presence: CertManagerPresence
  private let certificates: Informer<CertManagerCertificate>
  /// Gets an element for the first MilvusTLS that needs cert-manager, and then for each of its comings and goings.
  private let changes: AsyncStream<Void>
  private let changed: AsyncStream<Void>.Continuation
  private let isNeeded = Atomic(false)
  private let history: ServerHistory
  /// When a reconciliation has waited for a list last: one that cannot be had is not to hold up every worker.
  private let waitedIn = Mutex<ServerHistory.Era?>(nil)
  /// Has every Milvus looked at again whose MilvusTLS names an issuer.
  private let wakeUsers: @Sendable () async -> Void

  init(
    client: KubernetesClient,
    namespaces: [String],
    milvusTLS: ObjectStore<ObservedMilvusTLS>,
    history: ServerHistory,
    queue: WorkQueue<ObjectKey>,
    logger: Logger
  ) {
    let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.changes = changes
    self.changed = changed
    self.history = history
    let wakeUsers: @Sendable () async -> Void = {
      for key in milvusTLS.keys {
        guard let user = milvusTLS[key], user.namesIssuer else { continue }
        await queue.add(ObjectKey(namespace: key.namespace, name: user.milvusName))
      }
    }
    self.wakeUsers = wakeUsers
    let presence = CertManagerPresence(client: client, namespaces: namespaces, history: history, logger: logger) {
      changed.yield()
      await wakeUsers()
    }
    self.presence = presence
    certificates = Informer(
      client: client,
      resource: .certificates,
      namespaces: namespaces,
      labelSelector: "\(Labels.managedBy)=\(Labels.manager)",
      history: history,
      logger: logger,
      transform: { CertManagerCertificate($0.json) },
      onChange: queue.enqueueing { [ObjectKey(namespace: $0.namespace, name: $1.milvus)] },
      onFailure: { error in
        if case KubernetesError.api(let status) = error, status.isNotFound { presence.noteMissing() }
      }
    )
  }

  /// What is known of cert-manager, and of its Certificates in a namespace. Who asks too early waits a moment for a
  /// list.
  func state(in namespace: String) async -> CertManagerState {
    if !isNeeded.exchange(true, ordering: .relaxed) {
      changed.yield()
      await wait { await self.presence.waitUntilKnown() }
    }
    guard let isInstalled = presence.isInstalled else { return .unknown }
    guard isInstalled else { return .notInstalled }
    // The first list, or the one after a restore of etcd.
    if !certificates.isSynced, isFirstWait { await wait { await self.certificates.waitUntilSynced() } }
    return certificates.isSynced ? .installed(certificates.store.values(in: namespace)) : .unknown
  }

  private var isFirstWait: Bool {
    let era = history.era
    return waitedIn.withLock { last in
      defer { last = era }
      return last !== era
    }
  }

  /// The Milvus that a Secret to be filled by cert-manager is for.
  func milvus(ofSecret key: ObjectKey) -> ObjectKey? {
    // A Certificate of the operator has the name of its Secret.
    certificates.store[key].map { ObjectKey(namespace: key.namespace, name: $0.milvus) }
  }

  /// Takes in what a write returned.
  func insert(_ object: KubernetesObject) {
    certificates.store.insert(object)
  }

  /// Takes in that Certificates were not found.
  /// - Returns: false if the definition tells, and has not told yet.
  func noteMissing() -> Bool {
    presence.noteMissing()
  }

  /// Follows until the task is cancelled.
  func run() async {
    var changes = changes.makeAsyncIterator()
    guard await changes.next() != nil else { return }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.presence.run() }
      var following: Task<Void, Never>?
      defer { following?.cancel() }
      while await changes.next() != nil {
        if presence.isInstalled == true, following == nil {
          following = Task {
            async let follows: Void = self.certificates.run()
            await self.certificates.waitUntilSynced()
            await self.wakeUsers()
            await follows
          }
        } else if presence.isInstalled == false {
          following?.cancel()
          following = nil
        }
      }
    }
  }

  /// Waits for a list, not for ever.
  private func wait(_ wait: @escaping @Sendable () async -> Void) async {
    await withTaskGroup { group in
      group.addTask { await wait() }
      group.addTask { try? await Task.sleep(for: Self.syncTimeout) }
      await group.next()
      group.cancelAll()
    }
  }
}
