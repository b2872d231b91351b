import Foundation
import JSON

/// An object of any kind: its JSON, with accessors for the common fields.
///
/// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
public struct KubernetesObject: Sendable, Equatable {
  /// The whole object, including fields without an accessor.
  public var json: JSONValue

  /// Maximum nesting depth. Anything deeper in a free-form field becomes null: anyone may write such an object, and it
  /// must not stop a watch for all the others.
  static let depthLimit = 256
  /// Maximum size in bytes of one object, and of a response that is not a list or stream. etcd stores at most a tenth
  /// of that.
  static let sizeLimit = 16 << 20

  public init(_ json: JSONValue) {
    self.json = json
  }

  /// A new object of a resource.
  public init(_ resource: Resource, namespace: String?, name: String) {
    json = ["apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind)]
    self.name = name
    self.namespace = namespace
  }
}

// MARK: - Type and identity

extension KubernetesObject {
  /// For example `v1` or `apps/v1`; empty if missing.
  public var apiVersion: String {
    get { json["apiVersion"]?.string ?? "" }
    set { json["apiVersion"] = .string(newValue) }
  }

  public var kind: String {
    get { json["kind"]?.string ?? "" }
    set { json["kind"] = .string(newValue) }
  }

  /// Empty if missing.
  public var name: String {
    get { metadata("name")?.string ?? "" }
    set { setMetadata("name", .string(newValue)) }
  }

  /// Nil for a cluster-scoped object.
  public var namespace: String? {
    get { metadata("namespace")?.string }
    set { setMetadata("namespace", newValue.map { .string($0) }) }
  }

  /// Assigned by the server and never reused; empty if missing.
  public var uid: String { metadata("uid")?.string ?? "" }

  /// The server's opaque version of the object. Sent with an update, it prevents overwriting concurrent changes.
  public var resourceVersion: String {
    get { metadata("resourceVersion")?.string ?? "" }
    set { setMetadata("resourceVersion", newValue.isEmpty ? nil : .string(newValue)) }
  }

  /// Incremented by the server when the spec changes; 0 for kinds without it.
  public var generation: Int { metadata("generation")?.integer ?? 0 }
}

// MARK: - Description

extension KubernetesObject: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Kind, namespace and name. The rest may be a Secret's data, which must not reach a log.
  public var description: String {
    let kind = json["kind"]?.string ?? "object"
    return "\(kind) \([namespace, name].compactMap(\.self).joined(separator: "/"))"
  }

  public var debugDescription: String { description }

  public var customMirror: Mirror { Mirror(self, children: []) }
}

// MARK: - Metadata

extension KubernetesObject {
  public var labels: [String: String] {
    get { strings("labels") }
    set { setStrings("labels", newValue) }
  }

  public var annotations: [String: String] {
    get { strings("annotations") }
    set { setStrings("annotations", newValue) }
  }

  public var finalizers: [String] {
    get { metadata("finalizers")?.array?.compactMap(\.string) ?? [] }
    set { setMetadata("finalizers", newValue.isEmpty ? nil : .array(newValue.map { .string($0) })) }
  }

  /// The owner references. Elements without a required member are skipped.
  public var ownerReferences: [OwnerReference] {
    get { metadata("ownerReferences")?.array?.compactMap(OwnerReference.init) ?? [] }
    set { setMetadata("ownerReferences", newValue.isEmpty ? nil : .array(newValue.map(\.json))) }
  }

  /// In whole seconds.
  public var creationTimestamp: Date? { date("creationTimestamp") }

  /// When deletion was requested. The object exists until its finalizers are removed.
  public var deletionTimestamp: Date? { date("deletionTimestamp") }

  private func metadata(_ member: String) -> JSONValue? { json[path: "metadata", member] }

  private mutating func setMetadata(_ member: String, _ value: JSONValue?) {
    var metadata = json["metadata"] ?? [:]
    metadata[member] = value
    json["metadata"] = metadata
  }

  private func strings(_ member: String) -> [String: String] {
    metadata(member)?.object?.compactMapValues(\.string) ?? [:]
  }

  private mutating func setStrings(_ member: String, _ values: [String: String]) {
    setMetadata(member, values.isEmpty ? nil : .object(values.mapValues { .string($0) }))
  }

  private func date(_ member: String) -> Date? {
    metadata(member)?.string.flatMap { try? Date($0, strategy: .iso8601) }
  }
}
