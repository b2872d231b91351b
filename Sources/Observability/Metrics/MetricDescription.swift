/// Help text and histogram buckets of a metric, which Prometheus needs and swift-metrics does not provide.
struct MetricDescription: Sendable {
  let help: String
  /// Upper bounds of a histogram's buckets, ascending.
  var buckets: [Double] = requestBuckets

  /// For operations that take a few requests, in seconds.
  static let requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  /// For times in a queue, in seconds: from microseconds to a quarter of an hour.
  static let queueBuckets = [0.000_001, 0.000_01, 0.000_1, 0.001, 0.01, 0.1, 1, 10, 100, 1000]

  /// The metrics of Kubernetes and KubernetesRuntime by name. Names from controller-runtime and client-go keep their
  /// meaning.
  static let known: [String: MetricDescription] = [
    "workqueue_depth": .init(help: "Number of keys waiting in the work queue."),
    "workqueue_adds_total": .init(help: "Number of keys added to the work queue."),
    "workqueue_queue_duration_seconds": .init(help: "Seconds a key waits in the work queue.", buckets: queueBuckets),
    "workqueue_work_duration_seconds": .init(help: "Seconds it takes to process a key.", buckets: queueBuckets),
    "workqueue_retries_total": .init(help: "Number of retries after a failure."),
    "workqueue_unfinished_work_seconds": .init(help: "Seconds of work in progress, over all keys in processing."),
    "workqueue_longest_running_processor_seconds": .init(help: "Seconds that the longest running worker has run."),

    "rest_client_requests_total": .init(help: "Number of requests to the API server, by code, method and host."),
    "leader_election_master_status": .init(help: "Whether this process is the leader (1) or standing by (0)."),

    "controller_runtime_reconcile_total": .init(help: "Number of reconciles, by controller and result."),
    "controller_runtime_reconcile_errors_total": .init(help: "Number of failed reconciles, by controller."),
    "controller_runtime_reconcile_time_seconds": .init(help: "Seconds per reconcile, by controller."),
    "controller_runtime_max_concurrent_reconciles": .init(
      help: "Maximum number of concurrent reconciles, by controller."
    ),
    "controller_runtime_active_workers": .init(help: "Number of workers that are reconciling, by controller."),
  ]
}
