import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Synchronization

/// The Secrets that others wrote: of all the name and version, of those that a Milvus uses also what was read of their
/// certificates.
final class UnmanagedSecrets: Sendable {
  /// What was read, by namespace and name.
  private final class Contents: Sendable {
    let secrets = Mutex<[String: [String: ObservedSecret]]>([:])

    func remove(_ key: ObjectKey) {
      secrets.withLock { secrets in
        secrets[key.namespace]?[key.name] = nil
        if secrets[key.namespace]?.isEmpty ?? false { secrets[key.namespace] = nil }
      }
    }
  }

  private let versions: Informer<String>
  private let users: @Sendable (ObjectKey) -> [ObjectKey]
  private let queue: WorkQueue<ObjectKey>
  private let contents = Contents()

  /// - Parameter users: the Milvus resources that a Secret concerns.
  init(
    client: KubernetesClient,
    namespaces: [String],
    users: @escaping @Sendable (ObjectKey) -> [ObjectKey],
    history: ServerHistory,
    queue: WorkQueue<ObjectKey>,
    logger: Logger
  ) {
    self.users = users
    self.queue = queue
    versions = Informer(
      client: client,
      resource: .secrets,
      namespaces: namespaces,
      labelSelector: "!\(Labels.role)",
      metadataOnly: true,
      history: history,
      logger: logger,
      transform: { $0.resourceVersion },
      onChange: { [contents] key, _, after in
        if after == nil { contents.remove(key) }
        for user in users(key) { await queue.add(user) }
      }
    )
  }

  /// The name under which the store of MilvusTLS has those that use a Secret; no Milvus can have it.
  static func indexName(_ secret: String) -> String { "secret/" + secret }

  /// The name under which it has all that use any.
  static let usersName = "secret/"

  var isSynced: Bool { versions.isSynced }

  var isConfirmed: Bool { versions.isConfirmed }

  func run() async { await versions.run() }

  func waitUntilSynced() async { await versions.waitUntilSynced() }

  func waitUntilConfirmed() async { await versions.waitUntilConfirmed() }

  /// The resourceVersions of a namespace's Secrets by name.
  func versions(in namespace: String) -> [String: String] { versions.store.values(in: namespace) }

  /// What was read, by name; may be older than the version that is known.
  func contents(in namespace: String) -> [String: ObservedSecret] {
    contents.secrets.withLock { $0[namespace] ?? [:] }
  }

  /// The namespaces of which it has contents.
  var readNamespaces: Set<String> { contents.secrets.withLock { Set($0.keys) } }

  /// Keeps what a read for a Milvus returned, and has the others look at it that use it: the watch does not report it
  /// any more.
  func insert(_ object: KubernetesObject, _ secret: ObservedSecret, readFor milvus: ObjectKey) async {
    let isNews = contents.secrets.withLock { secrets in
      let isNews = versions.store.insert(object)
      // One that the watch has reported as deleted meanwhile would be kept for ever.
      if versions.store[object.key] == secret.resourceVersion {
        secrets[secret.namespace, default: [:]][secret.name] = secret
      }
      return isNews
    }
    guard isNews else { return }
    for user in users(object.key) where user != milvus { await queue.add(user) }
  }

  /// Forgets a Secret that a read did not find.
  func remove(_ key: ObjectKey) {
    contents.remove(key)
  }
}
