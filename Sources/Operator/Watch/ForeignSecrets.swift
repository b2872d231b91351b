import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Synchronization

/// The Secrets that others wrote: of all the name and version, of those that a Milvus uses also what was read of their certificates.
final class ForeignSecrets: Sendable {
  private let versions: Informer<String>
  private let users: @Sendable (ObjectKey) -> [ObjectKey]
  private let queue: WorkQueue<ObjectKey>
  private let read = Mutex<[String: [String: ObservedSecret]]>([:])

  /// - Parameter users: the Milvus resources that a Secret concerns.
  init(
    client: KubernetesClient,
    namespaces: [String],
    users: @escaping @Sendable (ObjectKey) -> [ObjectKey],
    queue: WorkQueue<ObjectKey>,
    logger: Logger
  ) {
    self.users = users
    self.queue = queue
    versions = Informer(
      client: client,
      resource: .secrets,
      namespaces: namespaces,
      labelSelector: "\(Names.managedByLabel)!=\(Names.manager)",
      metadataOnly: true,
      logger: logger,
      transform: { $0.resourceVersion },
      onChange: { key, _, _ in
        for user in users(key) { await queue.add(user) }
      }
    )
  }

  /// The name under which the store of MilvusTLS has those that use a Secret; no Milvus can have it.
  static func indexName(_ secret: String) -> String { "secret/" + secret }

  /// The name under which it has all that use any.
  static let usersName = "secret/"

  var isSynced: Bool { versions.isSynced }

  func run() async { await versions.run() }

  func waitUntilSynced() async { await versions.waitUntilSynced() }

  /// The resourceVersions of a namespace's Secrets by name.
  func versions(in namespace: String) -> [String: String] { versions.store.values(in: namespace) }

  /// What was read, by name; may be older than the version that is known.
  func contents(in namespace: String) -> [String: ObservedSecret] { read.withLock { $0[namespace] ?? [:] } }

  /// Keeps what a read for a Milvus returned, and has the others look at it that use it: the watch does not report it any more.
  func insert(_ object: KubernetesObject, _ secret: ObservedSecret, readFor milvus: ObjectKey) async {
    let isNews = versions.store.insert(object)
    read.withLock { $0[secret.namespace, default: [:]][secret.name] = secret }
    guard isNews else { return }
    for user in users(object.key) where user != milvus { await queue.add(user) }
  }

  /// Forgets a Secret that a read did not find.
  func remove(_ key: ObjectKey) {
    read.withLock { $0[key.namespace]?[key.name] = nil }
  }
}
