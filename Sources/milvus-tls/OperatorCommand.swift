import ArgumentParser
import Kubernetes
import Logging
import Operator
import ServiceLifecycle

/// `milvus-tls operator`: runs the controller until SIGTERM or SIGINT.
struct OperatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator",
    abstract: "Watch Milvus resources and give them the TLS they ask for."
  )

  @Option(help: "Path of a kubeconfig. Default: $KUBECONFIG, the pod's service account, or ~/.kube/config.")
  var kubeconfig: String?

  @Option(help: "Context of the kubeconfig. Default: its current-context.")
  var context: String?

  @Option(help: "Least level of log messages: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
  var logLevel: Logger.Level = .info

  func run() async throws {
    var logger = Logger(label: "milvus-tls") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = logLevel
    let configuration = try ClusterConfiguration.automatic(kubeconfig: kubeconfig, context: context)
    let client = KubernetesClient(configuration: configuration, logger: logger)
    let services = ServiceGroup(
      services: [TLSOperator(client: client, logger: logger)],
      gracefulShutdownSignals: [.sigterm, .sigint],
      logger: logger
    )
    try await services.run()
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
