import ArgumentParser
import Kubernetes
import Logging
import Observability

/// Options that select the cluster.
struct ClusterOptions: ParsableArguments {
  @Option(help: "Path to the kubeconfig file. Default: $KUBECONFIG, the pod's service account, or ~/.kube/config.")
  var kubeconfig: String?

  @Option(help: "Name of the kubeconfig context to use. Default: current-context.")
  var context: String?

  /// - Throws: `KubernetesError.configuration`.
  func configuration() throws -> ClusterConfiguration {
    try ClusterConfiguration.automatic(kubeconfig: kubeconfig, context: context)
  }

  /// Logger of the interactive commands: only warnings and errors, on standard error.
  static let logger = Logger(label: "milvus-tls") { _ in
    LineLogHandler(format: .text, level: .warning, isColored: StandardError.hasColors, write: StandardError.write)
  }
}
