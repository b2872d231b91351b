/// Objects as a list request gives them.
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
