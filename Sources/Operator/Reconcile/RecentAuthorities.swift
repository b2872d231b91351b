import Kubernetes
import KubernetesRuntime
import Synchronization

/// The CA's Secrets that reconciles have just written or read: what one issues next needs the CA's key, and the server
/// need not be asked again.
///
/// A reconcile that ends forgets its own, so that no key is in memory for longer than it is used.
final class RecentAuthorities: Sendable {
  /// By the Milvus that is reconciled.
  private let secrets = Mutex<[ObjectKey: KubernetesObject]>([:])

  func note(_ secret: KubernetesObject, for milvus: ObjectKey) {
    secrets.withLock { $0[milvus] = secret }
  }

  /// The Secret of a name in the version that a plan was made for; nil where another one is known, or none.
  func secret(_ name: String, version: String?, for milvus: ObjectKey) -> KubernetesObject? {
    secrets.withLock { secrets in
      secrets[milvus].flatMap { $0.name == name && $0.resourceVersion == version ? $0 : nil }
    }
  }

  func forget(_ milvus: ObjectKey) {
    secrets.withLock { $0[milvus] = nil }
  }
}
