import ArgumentParser
import Kubernetes
import Logging
import Observability

/// Which cluster.
struct ClusterOptions: ParsableArguments {
  @Option(help: "Path of a kubeconfig. Default: $KUBECONFIG, the pod's service account, or ~/.kube/config.")
  var kubeconfig: String?

  @Option(help: "Context of the kubeconfig. Default: its current-context.")
  var context: String?

  /// - Throws: `KubernetesError.configuration`.
  func configuration() throws -> ClusterConfiguration {
    try ClusterConfiguration.automatic(kubeconfig: kubeconfig, context: context)
  }

  /// A logger for commands that people wait for: warnings alone, on standard error.
  static let logger = Logger(label: "milvus-tls") { _ in
    LineLogHandler(format: .text, level: .warning, isColored: StandardError.hasColors, write: StandardError.write)
  }
}
