import JSON

/// Reference to the owner of an object. The garbage collector deletes the object when its last owner is gone.
///
/// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System
public struct OwnerReference: Sendable, Equatable {
  public var apiVersion: String
  public var kind: String
  public var name: String
  public var uid: String
  /// Whether the owner manages the object; at most one owner does.
  public var isController: Bool
  /// Whether foreground deletion of the owner waits for this object.
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

  /// Reads an element of `metadata.ownerReferences`; nil if a required member is missing.
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

  /// The element of `metadata.ownerReferences`.
  public var json: JSONValue {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
      "controller": .bool(isController), "blockOwnerDeletion": .bool(blocksOwnerDeletion),
    ]
  }
}
