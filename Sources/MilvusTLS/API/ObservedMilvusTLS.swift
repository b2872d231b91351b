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
  public let status: MilvusTLSStatus

  /// Takes what is needed from a `tls.milvus.io/v1alpha1` MilvusTLS; nil where metadata that every stored object has is
  /// missing.
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
        $0["operation"]?.string == "Apply" && $0["manager"]?.string != Labels.manager
          && $0["fieldsV1"]?["f:spec"] != nil
      } ?? false
    isManaged =
      metadata["labels"]?[Labels.managedBy]?.string == Labels.manager && !isApplied && !isServerSideApplied
    isDeleting = metadata["deletionTimestamp"] != nil
    spec = object["spec"] ?? [:]
    status = MilvusTLSStatus(object["status"] ?? [:])
  }

  /// The Milvus it is for: `spec.milvusRef.name`, or its own name.
  public var milvusName: String {
    spec[path: "milvusRef", "name"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? name
  }

  /// Whether cert-manager is asked to issue the certificates.
  public var namesIssuer: Bool { spec[path: "certificate", "issuerRef"]?.object != nil }

  /// The Secrets in use that the operator does not manage.
  public var unmanagedSecretNames: [String] {
    let named = spec[path: "authority", "secretName"]?.string.map { [$0] } ?? []
    let provided = status.provided.filter { $0.kind == .secret }.map(\.name)
    let checked = named + provided + (status.checkedSecret.map { [$0] } ?? [])
    guard let certificate = status.certificate, ![.operator, .pods].contains(certificate.source) else {
      return checked.unique
    }
    return ([certificate.secretName] + status.clients.map(\.secretName) + checked).unique
  }

  /// The ConfigMaps that provide files.
  public var configMapNames: [String] { status.provided.filter { $0.kind == .configMap }.map(\.name) }
}

extension Sequence<ObservedMilvusTLS> {
  /// Of several for one Milvus the one that applies: a person's before the operator's own, the older before the newer.
  public var deciding: ObservedMilvusTLS? {
    filter { !$0.isDeleting }.min {
      ($0.isManaged ? 1 : 0, $0.creationTimestamp, $0.name) < ($1.isManaged ? 1 : 0, $1.creationTimestamp, $1.name)
    }
  }
}
