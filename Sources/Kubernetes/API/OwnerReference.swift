import JSON

/// What an object belongs to: gone with the owner, if nobody else owns it.
///
/// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System
public struct OwnerReference: Sendable, Equatable {
  public var apiVersion: String
  public var kind: String
  public var name: String
  public var uid: String
  /// Whether the owner manages the object; one owner at most does.
  public var isController: Bool
  /// Whether the owner, deleted in the foreground, waits for the object to go first.
  public var blocksOwnerDeletion: Bool

  public init(
    apiVersion: String,
    kind: String,
    name: String,
    uid: String,
    isController: Bool = false,
    blocksOwnerDeletion: Bool = false
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
    self.isController = isController
    self.blocksOwnerDeletion = blocksOwnerDeletion
  }

  /// Reads an element of `metadata.ownerReferences`; nil where one of the four required members is missing.
  public init?(_ json: JSONValue) {
    guard let apiVersion = json["apiVersion"]?.string, let kind = json["kind"]?.string,
      let name = json["name"]?.string, let uid = json["uid"]?.string
    else { return nil }
    self.init(
      apiVersion: apiVersion,
      kind: kind,
      name: name,
      uid: uid,
      isController: json["controller"]?.bool ?? false,
      blocksOwnerDeletion: json["blockOwnerDeletion"]?.bool ?? false
    )
  }

  /// As an element of `metadata.ownerReferences`.
  public var json: JSONValue {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
      "controller": .bool(isController), "blockOwnerDeletion": .bool(blocksOwnerDeletion),
    ]
  }
}
