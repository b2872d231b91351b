import JSON

/// Owners of the fields of one object: the part of server-side apply that detects conflicts.
///
/// A list counts as one field. https://kubernetes.io/docs/reference/using-api/server-side-apply/
struct FieldOwnership: Sendable, Equatable {
  /// A field manager, and whether it applies or updates.
  struct Owner: Hashable, Sendable {
    let manager: String
    let operation: Operation
  }

  enum Operation: String, Sendable {
    case apply = "Apply"
    case update = "Update"
  }

  typealias Path = [String]

  private(set) var fields: [Owner: Set<Path>] = [:]

  /// Records a plain write: the manager becomes the only owner of the changed fields.
  mutating func recordUpdate(from old: JSONValue?, to new: JSONValue, by manager: String) {
    let before = old.map(Self.leaves) ?? [:]
    let after = Self.leaves(new)
    let changed = Set(after.keys.filter { before[$0] != after[$0] })
    let writer = Owner(manager: manager, operation: .update)
    for owner in fields.keys { fields[owner]?.formIntersection(after.keys) }
    for owner in fields.keys where owner != writer { fields[owner]?.subtract(changed) }
    fields[writer, default: []].formUnion(changed)
    fields = fields.filter { !$0.value.isEmpty }
  }

  /// The object after an apply: the configuration is merged in, and fields that the manager applied before and no
  /// longer applies are removed.
  ///
  /// - Returns: nil and the conflicts if other managers own fields with other values, unless `force`.
  mutating func apply(
    _ configuration: JSONValue,
    onto current: JSONValue,
    by manager: String,
    force: Bool
  ) -> Result<JSONValue, Conflicts> {
    let owner = Owner(manager: manager, operation: .apply)
    let applied = Self.leaves(configuration)
    let present = Self.leaves(current)
    let contested = conflicts(of: applied, with: present, for: owner)
    guard contested.isEmpty || force else { return .failure(Conflicts(fields: contested)) }
    for (other, paths) in contested { fields[other]?.subtract(paths) }

    let others = fields.filter { $0.key != owner }.values.reduce(into: Set<Path>()) { $0.formUnion($1) }
    let abandoned = (fields[owner] ?? []).subtracting(applied.keys).subtracting(others)
    var result = current
    // An empty object is a field of its own: members that other managers added to it are theirs.
    for path in abandoned.map(JSONPointer.init) where result[path]?.object?.isEmpty ?? true { result[path] = nil }
    for (path, value) in applied {
      let path = JSONPointer(path)
      if value != [:] || result[path]?.object == nil { result[path] = value }
    }
    fields[owner] = Set(applied.keys)
    fields = fields.filter { !$0.value.isEmpty }
    return .success(result)
  }

  struct Conflicts: Error {
    let fields: [Owner: Set<Path>]
  }

  private func conflicts(
    of applied: [Path: JSONValue],
    with present: [Path: JSONValue],
    for owner: Owner
  ) -> [Owner: Set<Path>] {
    let differing = Set(applied.keys.filter { present[$0] != applied[$0] })
    return fields.filter { $0.key != owner }.mapValues { $0.intersection(differing) }.filter { !$0.value.isEmpty }
  }

  /// Every field that is not an object, or is an empty object. Fields that the server writes have no owner.
  private static func leaves(_ object: JSONValue) -> [Path: JSONValue] {
    var result: [Path: JSONValue] = [:]
    func collect(_ value: JSONValue, at path: Path) {
      guard case .object(let members) = value, !members.isEmpty else {
        result[path] = value
        return
      }
      for (name, member) in members { collect(member, at: path + [name]) }
    }
    for (name, value) in object.object ?? [:] where name != "apiVersion" && name != "kind" && name != "metadata" {
      collect(value, at: [name])
    }
    for name in ["labels", "annotations", "ownerReferences", "finalizers"] {
      if let value = object["metadata"]?[name] { collect(value, at: ["metadata", name]) }
    }
    return result
  }

  /// `metadata.managedFields`.
  func managedFields(apiVersion: String, time: JSONValue) -> JSONValue {
    let sorted = fields.sorted {
      ($0.key.manager, $0.key.operation.rawValue) < ($1.key.manager, $1.key.operation.rawValue)
    }
    let entries = sorted.map { owner, paths -> JSONValue in
      var tree: JSONValue = [:]
      for path in paths.map({ JSONPointer($0.map { "f:\($0)" }) }) where tree[path] == nil { tree[path] = [:] }
      return [
        "manager": .string(owner.manager), "operation": .string(owner.operation.rawValue),
        "apiVersion": .string(apiVersion), "time": time, "fieldsType": "FieldsV1", "fieldsV1": tree,
      ]
    }
    return .array(entries)
  }
}
