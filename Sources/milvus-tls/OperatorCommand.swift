import ArgumentParser
import Foundation
import Kubernetes
import Logging
import Metrics
import MilvusTLS
import Observability
import Operator
import ServiceLifecycle

/// `milvus-tls operator`: runs the controller until SIGTERM or SIGINT.
struct OperatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator",
    abstract: "Run the operator: watch Milvus resources and configure their TLS.",
    discussion: """
      Examples:
        milvus-tls operator
        milvus-tls operator --context staging --namespace vectors
        milvus-tls operator --metrics-bind-address 127.0.0.1:8080 --log-format json
      """
  )

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  @OptionGroup(title: "Cluster")
  var watched: WatchOptions

  @Option(
    help: ArgumentHelp(
      "Minimum certificate duration accepted in specs, for example 1h or 90m.",
      discussion: "Durations under 1h are for tests only: every renewal restarts the pods.",
      valueName: "duration"
    ),
    transform: { text in
      guard let duration = Duration(kubernetes: text), duration >= .seconds(1) else {
        throw ValidationError("must be a duration of at least 1s, for example 1h, 90m or 1h30m")
      }
      return duration
    }
  )
  var minimumDuration = Duration.hours(1)

  @Option(
    help: ArgumentHelp(
      "How long to wait for a Secret that a Milvus mounts and that does not exist. Default: 60s.",
      discussion:
        "For a Milvus that only its own configuration requests TLS, from its creation. never: do not create it.",
      valueName: "duration|never"
    ),
    transform: SecretWait.init(argument:)
  )
  var issueMissingAfter = SecretWait.standard

  @OptionGroup(title: "Leader election")
  var leaderElection: LeaderElectionOptions

  @OptionGroup(title: "Endpoints")
  var endpoints: EndpointOptions

  @OptionGroup(title: "Logging")
  var logging: LoggingOptions

  func run() async throws {
    let logger = try logging.logger(label: "milvus-tls")
    let metrics = PrometheusMetrics()
    MetricsSystem.bootstrap(metrics)
    let client = KubernetesClient(configuration: try cluster.configuration(), logger: logger)
    let health = OperatorHealth()
    let tlsOperator = TLSOperator(
      client: client,
      namespaces: watched.namespaces.map(\.text),
      minimumDuration: minimumDuration,
      issueMissingAfter: issueMissingAfter.duration,
      elector: leaderElection.elector(client: client, logger: logger, metrics: metrics),
      logger: logger,
      metrics: metrics,
      health: health
    )
    // Services end in reverse order, so the endpoints still report while the operator shuts down.
    let services = ServiceGroup(
      services: try endpoints.services(metrics: metrics, health: health, logger: logger) + [tlsOperator],
      gracefulShutdownSignals: [.sigterm, .sigint],
      logger: logger
    )
    try await services.run()
  }
}
