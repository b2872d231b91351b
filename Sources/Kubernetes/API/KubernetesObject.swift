import Foundation
import JSON

/// Any object of the API: its JSON, with accessors for what all kinds share.
///
/// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
public struct KubernetesObject: Sendable, Equatable {
  public var json: JSONValue

  /// Levels of nesting that are read; what lies deeper in a free-form field, which anyone may write, is null here: one object must
  /// not keep a watch from all the others.
  static let depthLimit = 256
  /// Bytes of one object that are read, and of an answer that is none: etcd takes a tenth of that.
  static let sizeLimit = 16 << 20

  public init(_ json: JSONValue) {
    self.json = json
  }

  /// A new object of a resource, to be filled.
  public init(_ resource: Resource, namespace: String?, name: String) {
    json = ["apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind)]
    self.name = name
    self.namespace = namespace
  }
}

// MARK: - Type and identity

extension KubernetesObject {
  /// As `v1` or `apps/v1`; empty where missing.
  public var apiVersion: String {
    get { json["apiVersion"]?.string ?? "" }
    set { json["apiVersion"] = .string(newValue) }
  }

  public var kind: String {
    get { json["kind"]?.string ?? "" }
    set { json["kind"] = .string(newValue) }
  }

  /// Empty where missing.
  public var name: String {
    get { metadata("name")?.string ?? "" }
    set { setMetadata("name", .string(newValue)) }
  }

  /// Nil for an object of the cluster.
  public var namespace: String? {
    get { metadata("namespace")?.string }
    set { setMetadata("namespace", newValue.map { .string($0) }) }
  }

  /// Given by the server, never used twice; empty where missing.
  public var uid: String { metadata("uid")?.string ?? "" }

  /// The server's version of the object, opaque; sent back with an update it guards against writing over another's change.
  public var resourceVersion: String {
    get { metadata("resourceVersion")?.string ?? "" }
    set { setMetadata("resourceVersion", newValue.isEmpty ? nil : .string(newValue)) }
  }

  /// Counts the changes of the spec; 0 where the kind has none.
  public var generation: Int { metadata("generation")?.integer ?? 0 }
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

  /// The owners; an element without one of its required members is left out.
  public var ownerReferences: [OwnerReference] {
    get { metadata("ownerReferences")?.array?.compactMap(OwnerReference.init) ?? [] }
    set { setMetadata("ownerReferences", newValue.isEmpty ? nil : .array(newValue.map(\.json))) }
  }

  /// To the second.
  public var creationTimestamp: Date? { date("creationTimestamp") }

  /// When deletion was asked for; the object stays until its finalizers are gone.
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
