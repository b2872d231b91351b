import Foundation
import JSON

/// What the operator keeps of a Milvus resource: the parts its decisions need, never the whole object.
public struct ObservedMilvus: Sendable, Equatable {
  public let namespace: String
  public let name: String
  public let uid: String
  public let resourceVersion: String
  /// When it was created; nil where the resource does not say.
  public let createdAt: Date?
  /// Counts changes of `spec`.
  public let generation: Int
  /// Whether milvus-operator has brought every Deployment to the present `spec` (`status.observedGeneration`, condition
  /// `MilvusUpdated`).
  public let isRolledOut: Bool
  /// What keeps milvus-operator from rolling its pods, and the field that says so; nil for nothing.
  let hold: Hold?
  /// Only the annotations named `tls.milvus.io/...`.
  public let annotations: [String: String]
  /// `spec.mode`: cluster, or else standalone.
  public let isCluster: Bool
  /// `spec.config` and `spec.components`, under those names; members that are missing stay missing.
  public let spec: JSONValue
  /// Whether the resource is being deleted.
  public let isDeleting: Bool

  /// Takes what is needed from a `milvus.io/v1beta1` Milvus; nil where the metadata every stored object has is missing.
  public init?(_ object: JSONValue) {
    guard let metadata = object["metadata"], let namespace = metadata["namespace"]?.string,
      let name = metadata["name"]?.string, let uid = metadata["uid"]?.string,
      let resourceVersion = metadata["resourceVersion"]?.string
    else { return nil }
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
    createdAt = metadata["creationTimestamp"]?.string.flatMap(Date.init(kubernetesTime:))
    generation = metadata["generation"]?.integer ?? 0
    let status = object["status"]
    isRolledOut =
      status?["observedGeneration"]?.integer ?? -1 >= generation
      && status?["conditions"]?.array?.first { $0["type"]?.string == "MilvusUpdated" }?["status"]?.string != "False"
    hold = Hold(spec: object["spec"], status: status)
    annotations = (metadata["annotations"]?.object ?? [:])
      .compactMapValues(\.string).filter { $0.key.hasPrefix(Annotations.prefix) }
    isCluster = object[path: "spec", "mode"]?.string == "cluster"
    spec = .object((object["spec"]?.object ?? [:]).filter { $0.key == "config" || $0.key == "components" })
    isDeleting = metadata["deletionTimestamp"] != nil
  }
}

extension ObservedMilvus {
  /// Whether milvus-operator does not roll its pods for now: it is paused, stopped or scaled to zero.
  public var isHeld: Bool { hold != nil }

  /// The reference that makes Kubernetes delete what the operator made together with the Milvus.
  public var ownerReference: JSONValue {
    [
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "name": .string(name), "uid": .string(uid),
      "controller": true,
      // Needs no right to update finalizers of the Milvus (OwnerReferencesPermissionEnforcement).
      "blockOwnerDeletion": false,
    ]
  }
}
