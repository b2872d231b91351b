import ArgumentParser
import Kubernetes
import KubernetesRuntime
import Logging
import Metrics

/// Options of leader election.
struct LeaderElectionOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help:
      "Enable leader election: of several replicas, only the leader is active. Default: enabled in a pod, else disabled."
  )
  var leaderElect: Bool?

  @Option(
    name: .customLong("leader-election-namespace"),
    help: ArgumentHelp(
      "Namespace of the leader election Lease. Default: the pod's namespace, or that of the kubeconfig context.",
      valueName: "namespace"
    )
  )
  var leaderElectionNamespace: String?

  /// Whether leader election is enabled.
  var isEnabled: Bool { leaderElect ?? RuntimeEnvironment.isPod }

  /// The elector for Lease `milvus-tls-operator`; nil if leader election is disabled.
  func elector(client: KubernetesClient, logger: Logger, metrics: any MetricsFactory) -> LeaderElector? {
    guard isEnabled else { return nil }
    return LeaderElector(
      client: client,
      namespace: leaderElectionNamespace ?? client.configuration.namespace ?? "default",
      name: "milvus-tls-operator",
      logger: logger,
      metrics: metrics
    )
  }
}
