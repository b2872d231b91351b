import Kubernetes

extension Resource {
  /// Milvus, of milvus-operator.
  public static let milvuses = Resource(
    group: "milvus.io",
    version: "v1beta1",
    plural: "milvuses",
    kind: "Milvus",
    isNamespaced: true
  )
  /// MilvusTLS, of this operator.
  public static let milvusTLS = Resource(
    group: "tls.milvus.io",
    version: "v1alpha1",
    plural: "milvustls",
    kind: "MilvusTLS",
    isNamespaced: true
  )

  /// cert-manager's Certificates.
  public static let certificates = Resource(
    group: "cert-manager.io",
    version: "v1",
    plural: "certificates",
    kind: "Certificate"
  )
  static let customResourceDefinitions = Resource(
    group: "apiextensions.k8s.io",
    version: "v1",
    plural: "customresourcedefinitions",
    kind: "CustomResourceDefinition",
    isNamespaced: false
  )
}
