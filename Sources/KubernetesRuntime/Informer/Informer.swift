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
  private let history: ServerHistory
  private let progress = Mutex(Progress())

  private struct Progress {
    /// When each scope was listed last.
    var eras: [String?: ServerHistory.Era] = [:]
    /// The scopes whose watch has ended and was not confirmed since.
    var interrupted: Set<String?> = []
    /// Opens with the next list or confirmation.
    var next = Latch()
  }

  /// - Parameters:
  ///   - namespaces: empty for all namespaces and for cluster-scoped resources. Otherwise each namespace is listed and
  ///     watched separately, as Roles in these namespaces permit.
  ///   - labelSelector: for example `app=milvus,tier in (a,b)`; nil for all.
  ///   - fieldSelector: for example `metadata.name=x`; nil for all.
  ///   - metadataOnly: whether to request only `apiVersion`, `kind` and `metadata`, if `transform` needs no more.
  ///   - history: shared with the informers that are to list anew together after a restore of etcd.
  ///   - transform: returns the value to store for an object; nil skips the object. The object itself is not stored.
  ///   - indexNames: names in its namespace under which the store indexes an object.
  ///   - onChange: called for every change of a stored value, after the store has it; in the server's order within a
  ///     namespace. The informer continues reading when it returns.
  ///   - onFailure: called with the error of every list or watch that failed and will be retried.
  public convenience init(
    client: KubernetesClient,
    resource: Resource,
    namespaces: [String] = [],
    labelSelector: String? = nil,
    fieldSelector: String? = nil,
    metadataOnly: Bool = false,
    history: ServerHistory = ServerHistory(),
    logger: Logger,
    transform: @escaping @Sendable (KubernetesObject) -> Value?,
    indexedBy indexNames: @escaping @Sendable (Value) -> [String] = { _ in [] },
    onChange: @escaping Change,
    onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
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
      history: history,
      logger: logger,
      clock: .system,
      transform: transform,
      indexedBy: indexNames,
      onChange: onChange,
      onFailure: onFailure
    )
  }

  init(
    listWatch: ListWatch,
    namespaces: [String],
    history: ServerHistory = ServerHistory(),
    logger: Logger,
    clock: MonotonicClock,
    transform: @escaping @Sendable (KubernetesObject) -> Value?,
    indexedBy indexNames: @escaping @Sendable (Value) -> [String],
    onChange: @escaping Change,
    onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
  ) {
    store = ObjectStore(transform: transform, indexedBy: indexNames, clock: clock)
    reflector = Reflector(
      listWatch: listWatch,
      store: store,
      clock: clock,
      logger: logger,
      onChange: onChange,
      onFailure: onFailure
    )
    scopes = namespaces.isEmpty ? [nil] : Set(namespaces).sorted()
    self.history = history
  }

  /// Whether the store contains a complete list, made after the last restore of etcd that was noticed.
  public var isSynced: Bool {
    let era = history.era
    return progress.withLock { state in scopes.allSatisfy { state.eras[$0] === era } }
  }

  /// Whether no watch has ended since the server was asked last whether etcd was restored. Otherwise what the store has
  /// may be of before a restore.
  public var isConfirmed: Bool { progress.withLock { $0.interrupted.isEmpty } }

  /// Waits until `isSynced`, or the task is cancelled.
  public func waitUntilSynced() async { await wait { self.isSynced } }

  /// Waits until `isConfirmed`, or the task is cancelled.
  public func waitUntilConfirmed() async { await wait { self.isConfirmed } }

  private func wait(until holds: () -> Bool) async {
    while !Task.isCancelled {
      let next = progress.withLock { $0.next }
      if holds() { return }
      await next.wait()
    }
  }

  /// Lists and watches until the task is cancelled. Failures are logged and retried with exponential backoff and
  /// jitter. After a restore of etcd it begins anew, and reports the differences.
  public func run() async {
    // What an earlier run listed is out of date.
    progress.withLock { ($0.eras, $0.interrupted) = ([:], []) }
    await withDiscardingTaskGroup { group in
      for scope in scopes { group.addTask { await self.follow(scope) } }
    }
  }

  private func follow(_ scope: String?) async {
    while !Task.isCancelled {
      let era = history.era
      await era.run { [reflector] in
        await reflector.run(in: scope) { self.note($0, of: scope, in: era) }
      }
      if Task.isCancelled { return }
      history.end(era)
      store.forgetVersions(in: scope)
    }
  }

  private func note(_ step: Reflector<Value>.Progress, of scope: String?, in era: ServerHistory.Era) {
    let next: Latch? = progress.withLock { state in
      if step == .interrupted {
        state.interrupted.insert(scope)
        return nil
      }
      state.interrupted.remove(scope)
      if step == .listed { state.eras[scope] = era }
      defer { state.next = Latch() }
      return state.next
    }
    next?.open()
  }
}

extension KubernetesObject {
  /// Namespace and name.
  public var key: ObjectKey { ObjectKey(namespace: namespace ?? "", name: name) }
}
