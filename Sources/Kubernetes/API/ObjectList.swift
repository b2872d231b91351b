import JSON

/// Objects as a list request gives them: one page, or all.
public struct ObjectList: Sendable, Equatable {
  /// Each with its `apiVersion` and `kind`, which the server leaves out of a list's items.
  public var items: [KubernetesObject]
  /// What the list shows, and where a watch goes on from.
  public var resourceVersion: String

  public init(items: [KubernetesObject], resourceVersion: String) {
    self.items = items
    self.resourceVersion = resourceVersion
  }
}

/// One answer to a list request.
struct ListPage {
  var list: ObjectList
  /// What the next request asks with; nil on the last page.
  var continueToken: String?

  /// Reads a list object; nil where it has no items or no resourceVersion.
  init?(_ json: JSONValue, resource: Resource) {
    // A Go server sends null for no items.
    guard let value = json["items"], value.isNull || value.array != nil,
      let version = json[path: "metadata", "resourceVersion"]?.string
    else { return nil }
    let items = (value.array ?? []).map { item in
      var object = KubernetesObject(item)
      object.apiVersion = resource.apiVersion
      object.kind = resource.kind
      return object
    }
    list = ObjectList(items: items, resourceVersion: version)
    continueToken = json[path: "metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }
}
