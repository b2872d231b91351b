/// Namespace and name of an object of a namespaced resource; the key of a work queue.
public struct ObjectKey: Sendable, Hashable, CustomStringConvertible {
  public let namespace: String
  public let name: String

  public init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// `namespace/name`, as in kubectl's messages.
  public var description: String { "\(namespace)/\(name)" }
}
