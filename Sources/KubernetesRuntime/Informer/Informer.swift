import Kubernetes
import Logging
import Synchronization

/// Keeps an `ObjectStore` in sync with a resource on the server by listing and watching.
public final class Informer<Value: Sendable & Equatable>: Sendable {
  /// A change of an object. `before` is nil for a new object, `after` is nil for a deleted one.
  public typealias Change = @Sendable (_ key: ObjectKey, _ before: Value?, _ after: Value?) async -> Void

  /// The objects as last seen.
  public let store: ObjectStore<Value>

  private let reflector: Reflector<Value>
  /// Namespaces to watch; a single nil for all.
  private let scopes: [String?]
  private let synced: [Latch]

  /// - Parameters:
  ///   - namespaces: empty for all namespaces and for cluster-scoped resources. Otherwise each namespace is listed and
  ///     watched separately, as Roles in these namespaces permit.
  ///   - labelSelector: for example `app=milvus,tier in (a,b)`; nil for all.
  ///   - fieldSelector: for example `metadata.name=x`; nil for all.
  ///   - metadataOnly: whether to request only `apiVersion`, `kind` and `metadata`, if `transform` needs no more.
  ///   - transform: returns the value to store for an object; nil skips the object. The object itself is not stored.
  ///   - indexNames: names in its namespace under which the store indexes an object.
  ///   - onChange: called for every change of a stored value, after the store has it; in the server's order within a
  ///     namespace. The informer continues reading when it returns.
  public convenience init(
    client: KubernetesClient,
    resource: Resource,
    namespaces: [String] = [],
    labelSelector: String? = nil,
    fieldSelector: String? = nil,
    metadataOnly: Bool = false,
    logger: Logger,
    transform: @escaping @Sendable (KubernetesObject) -> Value?,
    indexedBy indexNames: @escaping @Sendable (Value) -> [String] = { _ in [] },
    onChange: @escaping Change
  ) {
    self.init(
      listWatch: ListWatch(
        client: client,
        resource: resource,
        labelSelector: labelSelector,
        fieldSelector: fieldSelector,
        metadataOnly: metadataOnly
      ),
      namespaces: namespaces,
      logger: logger,
      clock: .system,
      transform: transform,
      indexedBy: indexNames,
      onChange: onChange
    )
  }

  init(
    listWatch: ListWatch,
    namespaces: [String],
    logger: Logger,
    clock: MonotonicClock,
    transform: @escaping @Sendable (KubernetesObject) -> Value?,
    indexedBy indexNames: @escaping @Sendable (Value) -> [String],
    onChange: @escaping Change
  ) {
    store = ObjectStore(transform: transform, indexedBy: indexNames, clock: clock)
    reflector = Reflector(listWatch: listWatch, store: store, clock: clock, logger: logger, onChange: onChange)
    scopes = namespaces.isEmpty ? [nil] : Set(namespaces).sorted()
    synced = scopes.map { _ in Latch() }
  }

  /// Whether the store contains the first complete list.
  public var isSynced: Bool { synced.allSatisfy(\.isOpen) }

  /// Waits until the store contains the first complete list, or the task is cancelled.
  public func waitUntilSynced() async {
    for latch in synced { await latch.wait() }
  }

  /// Lists and watches until the task is cancelled. Failures are logged and retried with exponential backoff and
  /// jitter.
  public func run() async {
    await withDiscardingTaskGroup { group in
      for (scope, latch) in zip(scopes, synced) {
        group.addTask { [reflector] in await reflector.run(in: scope) { latch.open() } }
      }
    }
  }
}

extension KubernetesObject {
  /// Namespace and name.
  public var key: ObjectKey { ObjectKey(namespace: namespace ?? "", name: name) }
}
