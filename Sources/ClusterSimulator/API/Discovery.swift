import JSON

/// Discovery documents: groups, versions and resources
/// (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api).
enum Discovery {
  /// Version of the server with which the simulator was compared.
  static let version: JSONValue = [
    "major": "1", "minor": "20", "gitVersion": "v1.20.2", "gitCommit": "", "gitTreeState": "clean",
    "buildDate": "2021-01-13T13:20:00Z", "goVersion": "go1.15.5", "compiler": "gc", "platform": "linux/amd64",
  ]

  static func coreVersions(address: String) -> JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(address)]],
    ]
  }

  static func groups(of types: [ResourceType]) -> JSONValue {
    let names = Set(types.map(\.group)).subtracting([""]).sorted()
    return [
      "kind": "APIGroupList", "apiVersion": "v1",
      "groups": .array(names.map { groupBody($0, of: types) }),
    ]
  }

  /// One group; nil if nothing in it is served.
  static func group(_ name: String, of types: [ResourceType]) -> JSONValue? {
    guard types.contains(where: { $0.group == name }) else { return nil }
    var body = groupBody(name, of: types)
    body["kind"] = "APIGroup"
    body["apiVersion"] = "v1"
    return body
  }

  private static func groupBody(_ name: String, of types: [ResourceType]) -> JSONValue {
    let versions = Set(types.filter { $0.group == name }.map(\.version)).sorted()
    let entries = versions.map { version -> JSONValue in
      ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
    }
    return ["name": .string(name), "versions": .array(entries), "preferredVersion": entries.last ?? .null]
  }

  /// The resources of a version; nil if it is not served.
  static func resources(group: String, version: String, of types: [ResourceType]) -> JSONValue? {
    let served = types.filter { $0.group == group && $0.version == version }
    guard let first = served.first else { return nil }
    return [
      "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(first.apiVersion),
      "resources": .array(served.flatMap(resources)),
    ]
  }

  private static func resources(of type: ResourceType) -> [JSONValue] {
    var main: JSONValue = [
      "name": .string(type.plural), "singularName": .string(type.singular), "namespaced": .bool(type.isNamespaced),
      "kind": .string(type.kind), "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
    ]
    if !type.shortNames.isEmpty { main["shortNames"] = .array(type.shortNames.map(JSONValue.string)) }
    if !type.categories.isEmpty { main["categories"] = .array(type.categories.map(JSONValue.string)) }
    var resources = [main]
    if type.hasStatus { resources.append(subresource("status", ["get", "patch", "update"], of: type)) }
    if type.storage == .pods { resources.append(subresource("log", ["get"], of: type)) }
    return resources
  }

  private static func subresource(_ name: String, _ verbs: JSONValue, of type: ResourceType) -> JSONValue {
    [
      "name": .string("\(type.plural)/\(name)"), "singularName": "", "namespaced": .bool(type.isNamespaced),
      "kind": .string(type.kind), "verbs": verbs,
    ]
  }
}
