import Foundation
import JSON

/// All objects of the simulated cluster, a single increasing resourceVersion, and the recent changes for watches.
///
/// Every write takes the same steps: defaults, pruning, validation, generation, owners.
public actor ClusterStore {
  /// The part of an object that a write changes.
  public enum Subresource: Sendable {
    case main, status
  }

  /// Conditions for a deletion (`metav1.Preconditions`).
  public struct Preconditions: Sendable {
    var uid: String?
    var resourceVersion: String?

    public init(uid: String? = nil, resourceVersion: String? = nil) {
      self.uid = uid
      self.resourceVersion = resourceVersion
    }
  }

  var types = ResourceType.builtIn
  var objects: [ResourceIdentifier: [ObjectAddress: JSONValue]] = [:]
  var owners: [ObjectAddress: FieldOwnership] = [:]
  var uids: Set<String> = []
  /// The resourceVersion of the last change.
  var revision = 1
  var history: StoreHistory
  var watchers: [Int: StoreWatcher] = [:]
  var lastWatcher = 0

  /// - Parameter historyLimit: number of changes kept for watches and later pages of a list; older ones are `410
  ///   Expired`.
  init(historyLimit: Int) {
    history = StoreHistory(limit: historyLimit)
  }

  // MARK: Reading

  /// The type that serves a group, version and plural name.
  func type(group: String, version: String, plural: String) -> ResourceType? {
    types.first { $0.group == group && $0.version == version && $0.plural == plural }
  }

  /// The type of an object, from its apiVersion and kind.
  func type(of object: JSONValue) -> ResourceType? {
    types.first { $0.apiVersion == object.apiVersion && $0.kind == object.kind }
  }

  /// All types that are served.
  var servedTypes: [ResourceType] { types }

  public func object(_ key: ObjectAddress) -> JSONValue? {
    objects[key.resource]?[key]
  }

  public func object(_ resource: ResourceIdentifier, namespace: String = "default", name: String) -> JSONValue? {
    object(ObjectAddress(resource, namespace: namespace, name: name))
  }

  /// All objects of a kind, sorted by namespace and name.
  public func list(_ resource: ResourceIdentifier, namespace: String? = nil) -> [JSONValue] {
    (objects[resource] ?? [:]).filter { namespace == nil || $0.key.namespace == namespace }
      .sorted { $0.key.path < $1.key.path }.map(\.value)
  }

  // MARK: Writing

  /// Creates an object of a known apiVersion and kind.
  /// - Throws: `ServerStatus`, as the server would answer.
  @discardableResult
  public func create(_ object: JSONValue, manager: String = "simulator") throws -> JSONValue {
    guard let type = type(of: object) else {
      throw ServerStatus.badRequest("no matches for kind \"\(object.kind)\" in version \"\(object.apiVersion)\"")
    }
    return try create(object, of: type, manager: manager)
  }

  /// Creates an object.
  /// - Parameter manager: field manager, for `metadata.managedFields`.
  /// - Throws: `ServerStatus`, as the server would answer.
  @discardableResult
  func create(_ object: JSONValue, of type: ResourceType, manager: String) throws -> JSONValue {
    var object = object
    if type.isNamespaced {
      if object.namespace.isEmpty { object.setMetadata("namespace", "default") }
      try requireNamespace(object.namespace)
    } else {
      object.setMetadata("namespace", nil)
    }
    if object.name.isEmpty, let prefix = object[path: "metadata", "generateName"]?.string, !prefix.isEmpty {
      object.setMetadata("name", .string(ObjectMetadata.generatedName(from: prefix)))
    }
    object = try admitted(object, of: type, previous: nil)
    let key = type.key(namespace: object.namespace, name: object.name)
    guard self.object(key) == nil else { throw ServerStatus.alreadyExists(type, key.name) }
    var ownership = FieldOwnership()
    ownership.recordUpdate(from: nil, to: object, by: manager)
    return commit(object, of: type, at: key, ownership: ownership, previous: nil)
  }

  /// Changes an object atomically.
  /// - Parameters:
  ///   - subresource: `status` changes only the status, `main` everything else.
  ///   - change: returns the new object. If its resourceVersion differs from the current one, the update is a conflict.
  /// - Throws: `ServerStatus`, as the server would answer, or what `change` throws.
  @discardableResult
  public func update(
    _ key: ObjectAddress,
    subresource: Subresource = .main,
    manager: String = "simulator",
    _ change: @Sendable (inout JSONValue) throws -> Void
  ) throws -> JSONValue {
    guard let type = types.first(where: { $0.storage == key.resource }) else {
      throw ServerStatus.badRequest("no such resource: \(key.resource)")
    }
    return try update(key, of: type, subresource: subresource, manager: manager, change)
  }

  @discardableResult
  func update(
    _ key: ObjectAddress,
    of type: ResourceType,
    subresource: Subresource,
    manager: String,
    _ change: @Sendable (inout JSONValue) throws -> Void
  ) throws -> JSONValue {
    guard let current = object(key) else { throw ServerStatus.notFound(type, key.name) }
    var changed = current
    try change(&changed)
    guard changed.resourceVersion.isEmpty || changed.resourceVersion == current.resourceVersion else {
      throw ServerStatus.conflict(type, key.name)
    }
    let object = try admitted(
      merged(changed, into: current, of: type, subresource: subresource),
      of: type,
      previous: current
    )
    var ownership = owners[key] ?? FieldOwnership()
    ownership.recordUpdate(from: current, to: object, by: manager)
    return commit(object, of: type, at: key, ownership: ownership, previous: current)
  }

  /// Server-side apply: creates or merges an object and records which fields the manager applied.
  /// - Returns: the object, and whether it is new.
  /// - Throws: `ServerStatus`, for example a conflict if another manager owns a field with another value, unless
  ///   `force`.
  func apply(
    _ configuration: JSONValue,
    of type: ResourceType,
    at key: ObjectAddress,
    subresource: Subresource,
    manager: String,
    force: Bool
  ) throws -> (object: JSONValue, isNew: Bool) {
    let current = object(key)
    if type.isNamespaced { try requireNamespace(key.namespace) }
    if let current, !configuration.resourceVersion.isEmpty, configuration.resourceVersion != current.resourceVersion {
      throw ServerStatus.conflict(type, key.name)
    }
    var base = current ?? ["apiVersion": .string(type.apiVersion), "kind": .string(type.kind)]
    base.setMetadata("name", .string(key.name))
    if type.isNamespaced { base.setMetadata("namespace", .string(key.namespace)) }
    var ownership = owners[key] ?? FieldOwnership()
    let applied = ownership.apply(configuration, onto: base, by: manager, force: force)
    guard case .success(let changed) = applied else {
      if case .failure(let conflicts) = applied { throw conflicts.status }
      return (base, false)
    }
    let whole = current.map { merged(changed, into: $0, of: type, subresource: subresource) } ?? changed
    let object = try admitted(whole, of: type, previous: current)
    return (commit(object, of: type, at: key, ownership: ownership, previous: current), current == nil)
  }

  /// Deletes an object and its dependents. An object with finalizers is only marked.
  /// - Parameter orphan: whether to keep the dependents.
  /// - Returns: the last state of the object, and whether it is gone.
  /// - Throws: `ServerStatus`.
  @discardableResult
  public func delete(
    _ key: ObjectAddress,
    preconditions: Preconditions = Preconditions(),
    orphan: Bool = false
  ) throws -> (object: JSONValue, isGone: Bool) {
    guard let type = types.first(where: { $0.storage == key.resource }), let current = object(key) else {
      throw notFound(key)
    }
    try check(preconditions, on: current, of: type)
    guard current.hasFinalizers else {
      return (remove(current, of: type, at: key, orphan: orphan), true)
    }
    guard !current.isBeingDeleted else { return (current, false) }
    var marked = current
    marked.setMetadata("deletionTimestamp", ObjectMetadata.now)
    marked.setMetadata("deletionGracePeriodSeconds", 0)
    return (commit(marked, of: type, at: key, ownership: owners[key] ?? FieldOwnership(), previous: current), false)
  }

  // MARK: Steps of a write

  private func notFound(_ key: ObjectAddress) -> ServerStatus {
    types.first { $0.storage == key.resource }.map { .notFound($0, key.name) }
      ?? ServerStatus.badRequest("no such resource: \(key.resource)")
  }

  private func requireNamespace(_ name: String) throws {
    guard object(.namespaces, namespace: "", name: name) == nil else { return }
    throw notFound(ObjectAddress(.namespaces, namespace: "", name: name))
  }

  private func check(_ preconditions: Preconditions, on object: JSONValue, of type: ResourceType) throws {
    if let uid = preconditions.uid, uid != object.uid {
      let reason =
        "the UID in the precondition (\(uid)) does not match the UID in record (\(object.uid)). The object might have been "
        + "deleted and then recreated"
      throw ServerStatus.preconditionFailed(type, object.name, reason)
    }
    if let version = preconditions.resourceVersion, version != object.resourceVersion {
      let reason =
        "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record "
        + "(\(object.resourceVersion)). The object might have been modified"
      throw ServerStatus.preconditionFailed(type, object.name, reason)
    }
  }

  /// The change limited to what its subresource may change, with the metadata that only the server writes.
  private func merged(
    _ changed: JSONValue,
    into current: JSONValue,
    of type: ResourceType,
    subresource: Subresource
  ) -> JSONValue {
    var result = subresource == .status ? current : changed
    if type.hasStatus { result["status"] = subresource == .status ? changed["status"] : current["status"] }
    for name in ["name", "namespace", "creationTimestamp", "generation", "deletionTimestamp", "resourceVersion"] {
      result.setMetadata(name, current["metadata"]?[name])
    }
    if result.uid.isEmpty { result.setMetadata("uid", .string(current.uid)) }
    return result
  }

  /// The object with defaults and without unknown fields.
  /// - Throws: `ServerStatus` with every field that violates a rule.
  private func admitted(_ object: JSONValue, of type: ResourceType, previous: JSONValue?) throws -> JSONValue {
    var object = object
    object["apiVersion"] = .string(type.apiVersion)
    object["kind"] = .string(type.kind)
    try DecodingRules.check(object, of: type)
    if let schema = type.schema { object = schema.admitting(object) }
    if previous == nil, type.hasStatus { object["status"] = nil }
    object = BuiltInRules.completed(object, of: type)
    var errors = MetadataRules.errors(in: object) + (type.schema?.errors(in: object, at: "") ?? [])
    errors += BuiltInRules.errors(in: object, of: type, previous: previous)
    guard errors.isEmpty else { throw ServerStatus.invalid(type, object.name, errors) }
    return object
  }

  /// Stores an admitted object with the next resourceVersion and notifies the watchers, unless nothing changed.
  private func commit(
    _ admitted: JSONValue,
    of type: ResourceType,
    at key: ObjectAddress,
    ownership: FieldOwnership,
    previous: JSONValue?
  ) -> JSONValue {
    var object = admitted
    object.setMetadata("managedFields", previous?["metadata"]?["managedFields"])
    if let previous, object == previous, ownership == owners[key] { return previous }

    if previous == nil {
      object.setMetadata("uid", .string(UUID().uuidString.lowercased()))
      object.setMetadata("creationTimestamp", ObjectMetadata.now)
      object.setMetadata("deletionTimestamp", nil)
    }
    if type.hasGeneration {
      let isNewSpec = previous.map { $0.withoutMetadataAndStatus != object.withoutMetadataAndStatus } ?? true
      object.setMetadata("generation", .integer((previous?.generation ?? 0) + (isNewSpec ? 1 : 0)))
    }
    let fields = ownership.managedFields(apiVersion: type.apiVersion, time: ObjectMetadata.now)
    object.setMetadata("managedFields", ownership == owners[key] ? previous?["metadata"]?["managedFields"] : fields)
    if object.isBeingDeleted, !object.hasFinalizers {
      return remove(object, of: type, at: key, orphan: false)
    }
    revision += 1
    object.setMetadata("resourceVersion", .string(String(revision)))
    objects[key.resource, default: [:]][key] = object
    uids.insert(object.uid)
    owners[key] = ownership
    publish(
      StoreEvent(
        kind: previous == nil ? .added : .modified,
        key: key,
        object: object,
        previous: previous,
        revision: revision
      )
    )
    if key.resource == .customResourceDefinitions { serve(object) }
    if previous == nil { collectIfDangling(object, at: key) }
    return object
  }

  private func remove(_ object: JSONValue, of type: ResourceType, at key: ObjectAddress, orphan: Bool) -> JSONValue {
    revision += 1
    let previous = objects[key.resource]?.removeValue(forKey: key)
    owners[key] = nil
    uids.remove(object.uid)
    var last = object
    last.setMetadata("resourceVersion", .string(String(revision)))
    publish(StoreEvent(kind: .deleted, key: key, object: last, previous: previous, revision: revision))
    if key.resource == .namespaces { removeAll { $0.namespace == key.name } }
    if key.resource == .customResourceDefinitions { stopServing(object) }
    collectDependents(of: object.uid, orphan: orphan)
    return last
  }

  private func removeAll(where isDoomed: (ObjectAddress) -> Bool) {
    let doomed = objects.values.flatMap(\.keys).filter(isDoomed).sorted { $0.description < $1.description }
    for key in doomed { _ = try? delete(key) }
  }

  // MARK: Definitions and owners

  private func serve(_ definition: JSONValue) {
    let group = definition[path: "spec", "group"]?.string
    let plural = definition[path: "spec", "names", "plural"]?.string
    types.removeAll { $0.schema != nil && $0.group == group && $0.plural == plural }
    types += ResourceType.defined(by: definition)
  }

  private func stopServing(_ definition: JSONValue) {
    let resources = Set(ResourceType.defined(by: definition).map(\.storage))
    removeAll { resources.contains($0.resource) }
    types.removeAll { resources.contains($0.storage) }
  }

  /// Immediate garbage collection: an object is deleted when its last owner is gone
  /// (https://kubernetes.io/docs/concepts/architecture/garbage-collection/).
  private func collectDependents(of uid: String, orphan: Bool) {
    let dependents = objects.values.flatMap { $0 }.filter { $0.value.ownerUIDs.contains(uid) }
    for (key, dependent) in dependents.sorted(by: { $0.key.description < $1.key.description }) {
      let others = (dependent["metadata"]?["ownerReferences"]?.array ?? []).filter { $0["uid"]?.string != uid }
      if others.isEmpty, !orphan {
        _ = try? delete(key)
      } else {
        _ = try? update(key) { $0.setMetadata("ownerReferences", others.isEmpty ? nil : .array(others)) }
      }
    }
  }

  /// Deletes an object created for an owner that is already gone.
  private func collectIfDangling(_ object: JSONValue, at key: ObjectAddress) {
    let ownerUIDs = object.ownerUIDs
    guard !ownerUIDs.isEmpty, uids.isDisjoint(with: ownerUIDs) else { return }
    _ = try? delete(key)
  }
}

extension JSONValue {
  fileprivate var withoutMetadataAndStatus: JSONValue {
    var copy = self
    copy["metadata"] = nil
    copy["status"] = nil
    return copy
  }
}

extension StructuralSchema {
  /// A whole custom resource with defaults and without unknown fields; the schema does not apply to apiVersion, kind
  /// and metadata.
  fileprivate func admitting(_ object: JSONValue) -> JSONValue {
    var result = defaulting(pruning(object))
    for name in ["apiVersion", "kind", "metadata"] { result[name] = object[name] }
    return result
  }
}
