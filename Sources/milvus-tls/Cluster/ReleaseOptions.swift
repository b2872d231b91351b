import ArgumentParser
import Kubernetes

/// Options that select a Milvus.
struct ReleaseOptions: ParsableArguments {
  @Argument(help: "Name of the Milvus or of its MilvusTLS.")
  var name: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Namespace of the Milvus. Default: the namespace of the kubeconfig context, or default.",
      valueName: "namespace"
    )
  )
  var namespace: NamespaceName?

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  func validate() throws {
    try namespace?.validate()
  }

  /// - Throws: `KubernetesError.configuration`.
  func release() throws -> Release {
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
