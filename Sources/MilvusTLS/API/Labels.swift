/// Names of the labels on the operator's objects, and their values.
public enum Labels {
  /// The recommended label of Kubernetes for the program that manages an object.
  public static let managedBy = "app.kubernetes.io/managed-by"
  /// On the operator's Secrets and MilvusTLS: the Milvus that they belong to.
  public static let milvus = "tls.milvus.io/milvus"
  /// On the operator's Secrets: `authority`, `server` or `client`.
  public static let role = "tls.milvus.io/role"

  /// The operator's value of `managedBy`; also its field manager and the source of its events.
  public static let manager = "milvus-tls-operator"
}
