/// Storage location of a kind; all its versions share it.
public struct ResourceIdentifier: Hashable, Sendable, CustomStringConvertible {
  /// API group; empty for the core group.
  public let group: String
  /// Name in paths: `secrets`.
  public let plural: String

  public init(group: String, plural: String) {
    self.group = group
    self.plural = plural
  }

  public var description: String { group.isEmpty ? plural : "\(plural).\(group)" }
}

/// The address of one object.
public struct ObjectAddress: Hashable, Sendable, CustomStringConvertible {
  public let resource: ResourceIdentifier
  /// Empty for cluster-scoped objects.
  public let namespace: String
  public let name: String

  public init(_ resource: ResourceIdentifier, namespace: String, name: String) {
    self.resource = resource
    self.namespace = namespace
    self.name = name
  }

  public var description: String { "\(resource)/\(path)" }

  /// `namespace/name`. Lists are sorted by it, like etcd's keys.
  var path: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

extension ResourceIdentifier {
  public static let namespaces = ResourceIdentifier(group: "", plural: "namespaces")
  public static let secrets = ResourceIdentifier(group: "", plural: "secrets")
  public static let configMaps = ResourceIdentifier(group: "", plural: "configmaps")
  public static let pods = ResourceIdentifier(group: "", plural: "pods")
  public static let services = ResourceIdentifier(group: "", plural: "services")
  public static let events = ResourceIdentifier(group: "", plural: "events")
  public static let deployments = ResourceIdentifier(group: "apps", plural: "deployments")
  public static let leases = ResourceIdentifier(group: "coordination.k8s.io", plural: "leases")
  public static let customResourceDefinitions = ResourceIdentifier(
    group: "apiextensions.k8s.io",
    plural: "customresourcedefinitions"
  )
  public static let milvuses = ResourceIdentifier(group: "milvus.io", plural: "milvuses")
  public static let milvusTLS = ResourceIdentifier(group: "tls.milvus.io", plural: "milvustls")
}
