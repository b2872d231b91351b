import JSON
import PKI

/// What the operator keeps of a `cert-manager.io/v1` Certificate that it made.
public struct CertManagerCertificate: Sendable, Equatable {
  public let namespace: String
  public let name: String
  public let resourceVersion: String
  /// The Milvus that it belongs to.
  public let milvus: String
  public let spec: JSONValue
  /// The message of its condition `Ready`; nil before cert-manager has set one.
  public let progress: String?

  /// Takes what is needed from a Certificate; nil for one that the operator did not make.
  public init?(_ object: JSONValue) {
    guard let metadata = object["metadata"], let namespace = metadata["namespace"]?.string,
      let name = metadata["name"]?.string, let resourceVersion = metadata["resourceVersion"]?.string,
      metadata["labels"]?[Labels.managedBy]?.string == Labels.manager,
      let milvus = metadata["labels"]?[Labels.milvus]?.string
    else { return nil }
    self.namespace = namespace
    self.name = name
    self.resourceVersion = resourceVersion
    self.milvus = milvus
    spec = object["spec"] ?? [:]
    progress = object[path: "status", "conditions"]?.array?.first { $0["type"]?.string == "Ready" }?["message"]?.string
  }
}
