import JSON

/// One version of a kind, and the server's rules for it.
public struct ResourceType: Sendable {
  /// API group; empty for the core group.
  public let group: String
  public let version: String
  public let plural: String
  public let kind: String
  public let isNamespaced: Bool
  let singular: String
  let listKind: String
  let shortNames: [String]
  let categories: [String]
  /// Whether there is a `/status` subresource, the only one that can change the status.
  let hasStatus: Bool
  /// Whether `metadata.generation` counts changes of the spec.
  let hasGeneration: Bool
  /// Whether a PUT may omit the resourceVersion.
  let allowsUnconditionalUpdate: Bool
  /// Whether a PUT creates a missing object.
  let allowsCreateOnUpdate: Bool
  /// Storage location; `events.k8s.io` shares that of the core events.
  let storage: ResourceIdentifier
  /// Schema of a custom resource.
  let schema: StructuralSchema?

  init(
    group: String,
    version: String = "v1",
    plural: String,
    kind: String,
    namespaced: Bool = true,
    singular: String = "",
    listKind: String? = nil,
    shortNames: [String] = [],
    categories: [String] = [],
    status: Bool = false,
    generation: Bool = false,
    unconditionalUpdate: Bool = true,
    createOnUpdate: Bool = false,
    storage: ResourceIdentifier? = nil,
    schema: StructuralSchema? = nil
  ) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.singular = singular
    self.listKind = listKind ?? kind + "List"
    self.shortNames = shortNames
    self.categories = categories
    isNamespaced = namespaced
    hasStatus = status
    hasGeneration = generation
    allowsUnconditionalUpdate = unconditionalUpdate
    allowsCreateOnUpdate = createOnUpdate
    self.storage = storage ?? ResourceIdentifier(group: group, plural: plural)
    self.schema = schema
  }

  /// `v1`, `apps/v1`.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The resource as in messages: `secrets`, `milvuses.milvus.io`.
  var qualifiedName: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The kind as in messages: `Secret`, `Milvus.milvus.io`.
  var qualifiedKind: String { group.isEmpty ? kind : "\(kind).\(group)" }

  /// The key of an object of this type.
  func key(namespace: String, name: String) -> ObjectAddress {
    ObjectAddress(storage, namespace: isNamespaced ? namespace : "", name: name)
  }
}

extension ResourceType {
  /// The built-in types.
  static let builtIn: [ResourceType] = [
    ResourceType(
      group: "",
      plural: "namespaces",
      kind: "Namespace",
      namespaced: false,
      shortNames: ["ns"],
      status: true
    ),
    ResourceType(group: "", plural: "secrets", kind: "Secret"),
    ResourceType(group: "", plural: "configmaps", kind: "ConfigMap", shortNames: ["cm"]),
    ResourceType(group: "", plural: "pods", kind: "Pod", shortNames: ["po"], categories: ["all"], status: true),
    ResourceType(
      group: "",
      plural: "services",
      kind: "Service",
      shortNames: ["svc"],
      categories: ["all"],
      status: true
    ),
    ResourceType(group: "", plural: "events", kind: "Event", shortNames: ["ev"], createOnUpdate: true),
    ResourceType(
      group: "events.k8s.io",
      plural: "events",
      kind: "Event",
      shortNames: ["ev"],
      createOnUpdate: true,
      storage: .events
    ),
    ResourceType(
      group: "apps",
      plural: "deployments",
      kind: "Deployment",
      shortNames: ["deploy"],
      categories: ["all"],
      status: true,
      generation: true
    ),
    ResourceType(
      group: "coordination.k8s.io",
      plural: "leases",
      kind: "Lease",
      unconditionalUpdate: false,
      createOnUpdate: true
    ),
    ResourceType(
      group: "apiextensions.k8s.io",
      plural: "customresourcedefinitions",
      kind: "CustomResourceDefinition",
      namespaced: false,
      singular: "customresourcedefinition",
      shortNames: ["crd", "crds"],
      categories: ["api-extensions"],
      status: true,
      generation: true,
      unconditionalUpdate: false
    ),
  ]

  /// The types that a CustomResourceDefinition adds, one for each served version.
  static func defined(by definition: JSONValue) -> [ResourceType] {
    guard let spec = definition["spec"], let group = spec["group"]?.string, let names = spec["names"],
      let plural = names["plural"]?.string, let kind = names["kind"]?.string
    else { return [] }
    let versions = (spec["versions"]?.array ?? []).filter { $0["served"]?.bool == true }
    return versions.compactMap { version in
      version["name"]?.string.map { name in
        ResourceType(
          group: group,
          version: name,
          plural: plural,
          kind: kind,
          namespaced: spec["scope"] == "Namespaced",
          singular: names["singular"]?.string ?? kind.lowercased(),
          listKind: names["listKind"]?.string,
          shortNames: names["shortNames"]?.array?.compactMap(\.string) ?? [],
          categories: names["categories"]?.array?.compactMap(\.string) ?? [],
          status: version[path: "subresources", "status"] != nil,
          generation: true,
          unconditionalUpdate: false,
          schema: version[path: "schema", "openAPIV3Schema"].map(StructuralSchema.init)
        )
      }
    }
  }
}
