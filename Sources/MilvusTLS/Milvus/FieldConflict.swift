/// A value of the Milvus resource that contradicts the specified TLS. The operator never decides such a case by itself.
public struct FieldConflict: Sendable, Hashable, CustomStringConvertible {
  /// Path in the resource, `spec.config.common.security.tlsMode`.
  public let field: String
  /// The path in a container that the field is about; nil for a field by itself.
  public var path: String?
  /// What is there.
  public let found: String
  /// What the specified TLS needs there.
  public let wanted: String

  public var description: String {
    "\(field)\(path.map { " (\($0))" } ?? "") is \(found.shortened(to: 200)), must be \(wanted.shortened(to: 200))"
  }
}
