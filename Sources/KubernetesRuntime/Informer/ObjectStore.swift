import Kubernetes
import Synchronization

/// The objects of one resource as last seen, each reduced to a value. Reads never wait for the server.
///
/// The newest resourceVersion of an object wins, in whatever order states arrive: a delayed watch event, a duplicate or
/// an older list never overrides the result of a write. Deletions are remembered for as long as such stale states can
/// arrive. Only a restore of etcd ends a version's validity (`forgetVersions`).
public final class ObjectStore<Value: Sendable & Equatable>: Sendable {
  /// A change of an object.
  struct Change {
    let key: ObjectKey
    let before: Value?
    let after: Value?
  }

  private struct Contents {
    /// By namespace and name, so that the objects of a namespace can be returned without copying.
    var values: [String: [String: Value]] = [:]
    /// resourceVersions of the objects in `values`; empty for a forgotten one, which has no order.
    var versions: [ObjectKey: String] = [:]
    /// Keys of the indexed objects by namespace and index name.
    var index: [ObjectKey: Set<ObjectKey>] = [:]
    var deletions = RecentDeletions()

    /// Whether a state or deletion is newer than what is known about an object.
    func isNewer(_ key: ObjectKey, version: String, isDeleted: Bool) -> Bool {
      if let known = versions[key] {
        // Some servers send a deletion with the object's last version.
        return version == known ? isDeleted : !ResourceVersion.isOlder(version, than: known)
      }
      guard let deleted = deletions.version(of: key) else { return true }
      return version != deleted && !ResourceVersion.isOlder(version, than: deleted)
    }
  }

  private let transform: @Sendable (KubernetesObject) -> Value?
  private let indexNames: @Sendable (Value) -> [String]
  private let clock: MonotonicClock
  private let contents = Mutex(Contents())

  init(
    transform: @escaping @Sendable (KubernetesObject) -> Value?,
    indexedBy indexNames: @escaping @Sendable (Value) -> [String],
    clock: MonotonicClock
  ) {
    self.transform = transform
    self.indexNames = indexNames
    self.clock = clock
  }

  /// The value of an object; nil if there is none.
  public subscript(key: ObjectKey) -> Value? {
    contents.withLock { $0.values[key.namespace]?[key.name] }
  }

  /// The values of a namespace by object name.
  public func values(in namespace: String) -> [String: Value] {
    contents.withLock { $0.values[namespace] ?? [:] }
  }

  /// The values in a namespace that the index has under a name, in no particular order. The time does not depend on the
  /// number of other objects.
  public func values(in namespace: String, indexedUnder name: String) -> [Value] {
    contents.withLock { contents in
      let keys = contents.index[ObjectKey(namespace: namespace, name: name)] ?? []
      return keys.compactMap { contents.values[$0.namespace]?[$0.name] }
    }
  }

  /// The keys of all objects, in no particular order.
  public var keys: [ObjectKey] {
    contents.withLock { contents in
      contents.values.flatMap { namespace, values in
        values.keys.map { ObjectKey(namespace: namespace, name: $0) }
      }
    }
  }

  /// Number of objects.
  public var count: Int {
    contents.withLock { $0.values.values.reduce(0) { $0 + $1.count } }
  }

  /// Stores the result of a write, so that the next decision need not wait for the watch. The informer never reports
  /// this state as a change, not even when the watch delivers it.
  /// - Returns: whether a stored value changed, for a caller who wakes others.
  @discardableResult
  public func insert(_ object: KubernetesObject) -> Bool {
    update(object, isDeleted: false) != nil
  }

  /// The newest version that is known of an object, which may be that of its deletion; nil if none is known.
  func version(of key: ObjectKey) -> String? {
    contents.withLock { $0.versions[key] ?? $0.deletions.version(of: key) }
  }

  // MARK: Updates from the server

  /// Stores an object's state or deletion, unless a newer one is known.
  /// - Returns: nil if no stored value changed.
  func update(_ object: KubernetesObject, isDeleted: Bool) -> Change? {
    let key = object.key
    let version = object.resourceVersion
    // Echoes of own writes, and all that a second list brings, are known: there is nothing to transform.
    guard contents.withLock({ $0.isNewer(key, version: version, isDeleted: isDeleted) }) else { return nil }
    let value = isDeleted ? nil : transform(object)
    return contents.withLock { contents in
      guard contents.isNewer(key, version: version, isDeleted: isDeleted) else { return nil }
      return set(key, to: value, version: version, in: &contents)
    }
  }

  /// Removes objects that a list does not contain, unless they are newer than the list.
  /// - Parameters:
  ///   - listed: keys of all objects in the list.
  ///   - namespace: namespace of the list; nil for all.
  ///   - version: resourceVersion of the list.
  func removeAll(except listed: Set<ObjectKey>, in namespace: String?, listedAt version: String) -> [Change] {
    contents.withLock { contents in
      let gone = contents.versions.filter { key, known in
        (namespace == nil || namespace == key.namespace) && !listed.contains(key)
          && !ResourceVersion.isOlder(version, than: known)
      }
      return gone.keys.compactMap { set($0, to: nil, version: version, in: &contents) }
    }
  }

  /// Keeps the values and forgets their versions and all deletions: etcd was restored, so that newer states have older
  /// versions. The next list replaces every value.
  /// - Parameter namespace: nil for all.
  func forgetVersions(in namespace: String?) {
    contents.withLock { contents in
      for key in contents.versions.keys where namespace == nil || namespace == key.namespace {
        contents.versions[key] = ""
      }
      contents.deletions.forget(in: namespace)
    }
  }

  private func set(_ key: ObjectKey, to value: Value?, version: String, in contents: inout Contents) -> Change? {
    let before = contents.values[key.namespace]?[key.name]
    contents.versions[key] = value == nil ? nil : version
    contents.deletions.note(key, version: value == nil ? version : nil, at: clock.now())
    guard before != value else { return nil }
    contents.values[key.namespace, default: [:]][key.name] = value
    if contents.values[key.namespace]?.isEmpty ?? false { contents.values[key.namespace] = nil }
    index(key, before, value, in: &contents)
    return Change(key: key, before: before, after: value)
  }

  private func index(_ key: ObjectKey, _ before: Value?, _ after: Value?, in contents: inout Contents) {
    for name in before.map(indexNames) ?? [] {
      let entry = ObjectKey(namespace: key.namespace, name: name)
      contents.index[entry]?.remove(key)
      if contents.index[entry]?.isEmpty ?? false { contents.index[entry] = nil }
    }
    for name in after.map(indexNames) ?? [] {
      contents.index[ObjectKey(namespace: key.namespace, name: name), default: []].insert(key)
    }
  }
}
