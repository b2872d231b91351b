import KubernetesRuntime

extension ObjectReference {
  /// An object of a kind that the simulator knows.
  static func milvus(_ name: String = "my-release") -> ObjectReference {
    ObjectReference(
      apiVersion: "milvus.io/v1beta1",
      kind: "Milvus",
      namespace: "default",
      name: name,
      uid: "uid-\(name)"
    )
  }
}
