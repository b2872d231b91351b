import JSON

/// What the operator keeps of a MilvusTLS resource.
public struct ObservedMilvusTLS: Sendable, Equatable {
  public let namespace: String
  public let name: String
  public let uid: String
  public let resourceVersion: String
  public let generation: Int
  /// Creation time in RFC 3339 (UTC), whose order is that of time: the older of two for one Milvus wins.
  public let creationTimestamp: String
  /// Whether the operator made it from a Milvus's annotations; any other is its author's.
  public let isManaged: Bool
  public let isDeleting: Bool
  public let spec: JSONValue
  public let status: JSONValue

  /// Takes what is needed from a `tls.milvus.io/v1alpha1` MilvusTLS; nil where metadata that every stored object has is missing.
  public init?(_ object: JSONValue) {
    guard let metadata = object["metadata"], let namespace = metadata["namespace"]?.string,
      let name = metadata["name"]?.string, let uid = metadata["uid"]?.string,
      let resourceVersion = metadata["resourceVersion"]?.string
    else { return nil }
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
    generation = metadata["generation"]?.integer ?? 0
    creationTimestamp = metadata["creationTimestamp"]?.string ?? ""
    // kubectl apply over the operator's own one leaves its label; from then on it is the applier's.
    let isApplied = metadata["annotations"]?["kubectl.kubernetes.io/last-applied-configuration"] != nil
    // So does server-side apply, which lists who applied what.
    let isServerSideApplied =
      metadata["managedFields"]?.array?.contains {
        $0["operation"]?.string == "Apply" && $0["manager"]?.string != Names.manager
          && $0["fieldsV1"]?["f:spec"] != nil
      } ?? false
    isManaged =
      metadata["labels"]?[Names.managedByLabel]?.string == Names.manager && !isApplied && !isServerSideApplied
    isDeleting = metadata["deletionTimestamp"] != nil
    spec = object["spec"] ?? [:]
    status = object["status"] ?? [:]
  }

  /// The Milvus it is for: `spec.milvusRef.name`, or its own name.
  public var milvusName: String {
    spec[path: "milvusRef", "name"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? name
  }

  /// Whether cert-manager is to issue the certificates.
  public var namesIssuer: Bool { spec[path: "certificate", "issuerRef"]?.object != nil }

  /// The Secrets of others that are in use.
  public var foreignSecretNames: [String] {
    let certificate = status["certificate"]
    let named = spec[path: "authority", "secretName"]?.string.map { [$0] } ?? []
    let checked = named + (status["checkedSecret"]?.string.map { [$0] } ?? [])
    guard let source = certificate?["source"]?.string, source != InstalledCertificates.Source.operator.rawValue else {
      return checked.withoutDoubles
    }
    let clients = status["clients"]?.array?.compactMap { $0["secretName"]?.string } ?? []
    return ((certificate?["secretName"]?.string.map { [$0] } ?? []) + clients + checked).withoutDoubles
  }
}
