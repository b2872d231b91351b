import ArgumentParser
import Kubernetes

/// Options that select a namespace of a cluster.
struct NamespaceOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Namespace. Default: the namespace of the kubeconfig context, or default.",
      valueName: "namespace"
    )
  )
  var namespace: NamespaceName?

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  func validate() throws {
    try namespace?.validate()
  }

  /// - Parameter name: of a Milvus or of its MilvusTLS; empty for the namespace alone.
  /// - Throws: `KubernetesError.configuration`.
  func release(_ name: String) throws -> Release {
    let configuration = try cluster.configuration()
    return Release(
      client: KubernetesClient(
        configuration: configuration,
        userAgent: "milvus-tls",
        fieldManager: "milvus-tls",
        logger: ClusterOptions.logger
      ),
      namespace: namespace?.text ?? configuration.namespace ?? "default",
      name: name
    )
  }
}
