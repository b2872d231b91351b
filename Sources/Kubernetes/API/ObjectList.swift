/// The result of a list request.
public struct ObjectList: Sendable, Equatable {
  /// Each object has its `apiVersion` and `kind`, which the server omits from list items.
  public var items: [KubernetesObject]
  /// The version that the list shows. A watch can start from it.
  public var resourceVersion: String

  public init(items: [KubernetesObject], resourceVersion: String) {
    self.items = items
    self.resourceVersion = resourceVersion
  }
}
