import JSON

/// One change of one object.
public struct StoreEvent: Sendable {
  public enum Kind: String, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  public let kind: Kind
  public let key: ObjectAddress
  /// The object after the change; for a deletion, its last state with the resourceVersion of the deletion.
  public let object: JSONValue
  /// The object before the change; nil for a new object.
  public let previous: JSONValue?
  /// The resourceVersion of the change.
  public let revision: Int
}
