import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Synchronization

/// cert-manager's Certificates, followed from the first MilvusTLS on that names an issuer, while cert-manager is installed.
final class CertManagerView: Sendable {
  private static let definition = ObjectKey(namespace: "", name: "certificates.cert-manager.io")
  /// How long a reconciliation waits for the first list.
  private static let syncTimeout = Duration.seconds(5)

  private let definitions: Informer<String>
  private let certificates: Informer<ObservedCertificate>
  /// Gets an element for the first MilvusTLS that needs cert-manager, and then for each of its comings and goings.
  private let changes: AsyncStream<Void>
  private let changed: AsyncStream<Void>.Continuation
  private let isNeeded = Atomic(false)

  init(
    client: KubernetesClient,
    namespaces: [String],
    milvusTLS: ObjectStore<ObservedMilvusTLS>,
    queue: WorkQueue<ObjectKey>,
    logger: Logger
  ) {
    let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.changes = changes
    self.changed = changed
    definitions = Informer(
      client: client,
      resource: .customResourceDefinitions,
      fieldSelector: "metadata.name=\(Self.definition.name)",
      metadataOnly: true,
      logger: logger,
      keep: { $0.json[path: "metadata", "uid"]?.string },
      onChange: { _, _, _ in
        changed.yield()
        for key in milvusTLS.keys {
          guard let user = milvusTLS[key], user.namesIssuer else { continue }
          await queue.add(ObjectKey(namespace: key.namespace, name: user.milvusName))
        }
      }
    )
    certificates = Informer(
      client: client,
      resource: .certificates,
      namespaces: namespaces,
      labelSelector: "\(Names.managedByLabel)=\(Names.manager)",
      logger: logger,
      keep: { ObservedCertificate($0.json) },
      onChange: queue.adding { [ObjectKey(namespace: $0.namespace, name: $1.milvus)] }
    )
  }

  /// The operator's Certificates of a namespace by name; nil without cert-manager.
  func certificates(in namespace: String) async -> [String: ObservedCertificate]? {
    if !isNeeded.exchange(true, ordering: .relaxed) { changed.yield() }
    await wait { await self.definitions.waitUntilSynced() }
    guard isInstalled else { return nil }
    await wait { await self.certificates.waitUntilSynced() }
    return certificates.isSynced ? certificates.store.values(in: namespace) : nil
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

  /// Follows until the task is cancelled.
  func run() async {
    var changes = changes.makeAsyncIterator()
    guard await changes.next() != nil else { return }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.definitions.run() }
      var following: Task<Void, Never>?
      defer { following?.cancel() }
      while await changes.next() != nil {
        if isInstalled, following == nil {
          following = Task { await self.certificates.run() }
        } else if !isInstalled {
          following?.cancel()
          following = nil
        }
      }
    }
  }

  /// Waits for a first list, not for ever.
  private func wait(_ wait: @escaping @Sendable () async -> Void) async {
    await withTaskGroup { group in
      group.addTask { await wait() }
      group.addTask { try? await Task.sleep(for: Self.syncTimeout) }
      await group.next()
      group.cancelAll()
    }
  }

  private var isInstalled: Bool { definitions.store[Self.definition] != nil }
}
