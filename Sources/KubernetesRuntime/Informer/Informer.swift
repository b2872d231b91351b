import Kubernetes
import Logging
import Synchronization

/// Keeps an `ObjectStore` in step with a resource on the server: a list, then a watch from there, again and again.
public final class Informer<Value: Sendable & Equatable>: Sendable {
  /// What became of an object: nil before means that it is new, nil after that it is gone.
  public typealias Change = @Sendable (_ key: ObjectKey, _ before: Value?, _ after: Value?) async -> Void

  /// The objects, as last seen.
  public let store: ObjectStore<Value>

  private let reflector: Reflector<Value>
  /// Namespaces to follow; one nil for all.
  private let scopes: [String?]
  private let synced: [Latch]

  /// - Parameters:
  ///   - namespaces: empty for all namespaces, and for a resource of the cluster; else each is listed and watched on its own, as a Role
  ///     in it allows.
  ///   - labelSelector: as `app=milvus,tier in (a,b)`; nil for all.
  ///   - fieldSelector: as `metadata.name=x`; nil for all.
  ///   - metadataOnly: ask for `apiVersion`, `kind` and `metadata` alone, where `transform` needs no more.
  ///   - transform: gives what to keep of an object; nil leaves it out. The object itself is not held.
  ///   - indexNames: under which names of its namespace an object is to be found in the store.
  ///   - onChange: called for every difference in what is kept, after the store has it; of one namespace in the server's order. The
  ///     informer reads on when it returns.
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

  /// Whether the first list is in the store.
  public var isSynced: Bool { synced.allSatisfy(\.isOpen) }

  /// Waits until the first list is in the store, or the task is cancelled.
  public func waitUntilSynced() async {
    for latch in synced { await latch.wait() }
  }

  /// Lists and watches until the task is cancelled. Failures are logged and tried again with growing, jittered waits.
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
