/// Reference to an object of a namespaced resource, as in an event.
///
/// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-reference/
public struct ObjectReference: Sendable, Hashable {
  /// For example `v1` or `apps/v1`.
  public let apiVersion: String
  public let kind: String
  public let namespace: String
  public let name: String
  public let uid: String

  public init(apiVersion: String, kind: String, namespace: String, name: String, uid: String) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }

  /// Namespace and name.
  var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
}
