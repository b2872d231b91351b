import ArgumentParser
import Kubernetes
import KubernetesRuntime
import Logging
import Metrics

/// Whether only one of several operators works, and how they agree which.
struct LeaderElectionOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help:
      "Work only while holding a Lease, so that several operators can stand by. Default: yes in a pod, no elsewhere."
  )
  var leaderElect: Bool?

  @Option(
    name: .customLong("leader-election-namespace"),
    help: ArgumentHelp(
      "Namespace of the Lease. Default: the pod's, or the one of the kubeconfig's context.",
      valueName: "namespace"
    )
  )
  var leaderElectionNamespace: String?

  /// Whether to elect a leader.
  var isEnabled: Bool { leaderElect ?? RuntimeEnvironment.isPod }

  /// Elects by a Lease `milvus-tls-operator`; nil where this process is to work in any case.
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
