import ArgumentParser
import Kubernetes

/// Which Milvus.
struct ReleaseOptions: ParsableArguments {
  @Argument(help: "Name of the Milvus, or of its MilvusTLS.")
  var name: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Its namespace. Default: the one of the kubeconfig's context, or default.",
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
