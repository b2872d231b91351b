/// What a metric means, and the buckets of a histogram: Prometheus wants both beside the numbers, and swift-metrics carries neither.
struct MetricDescription: Sendable {
  let help: String
  /// Upper bounds of a histogram's buckets, rising.
  var buckets: [Double] = requestBuckets

  /// For anything that waits for a few requests, in seconds.
  static let requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  /// For times in a queue, in seconds: from microseconds to a quarter of an hour.
  static let queueBuckets = [0.000_001, 0.000_01, 0.000_1, 0.001, 0.01, 0.1, 1, 10, 100, 1000]

  /// The metrics of Kubernetes and KubernetesRuntime, by name. Names from controller-runtime and client-go keep their meaning.
  static let known: [String: MetricDescription] = [
    "workqueue_depth": .init(help: "Keys that wait for a worker."),
    "workqueue_adds_total": .init(help: "Keys added to the work queue."),
    "workqueue_queue_duration_seconds": .init(help: "Time that a key waits for a worker.", buckets: queueBuckets),
    "workqueue_work_duration_seconds": .init(help: "Time that a worker is at a key.", buckets: queueBuckets),
    "workqueue_retries_total": .init(help: "Keys added again after a failure."),
    "workqueue_unfinished_work_seconds": .init(help: "Time that the present workers have been at their keys, in sum."),
    "workqueue_longest_running_processor_seconds": .init(help: "Time that the longest of the present workers has run."),

    "rest_client_requests_total": .init(help: "Requests to the API server, by code, method and host."),
    "leader_election_master_status": .init(help: "Whether this process leads (1) or stands by (0)."),

    "controller_runtime_reconcile_total": .init(help: "Reconciliations, by controller and result."),
    "controller_runtime_reconcile_errors_total": .init(help: "Reconciliations that failed, by controller."),
    "controller_runtime_reconcile_time_seconds": .init(help: "Time that a reconciliation takes, by controller."),
    "controller_runtime_max_concurrent_reconciles": .init(help: "Workers of a controller."),
    "controller_runtime_active_workers": .init(help: "Workers of a controller that have a key."),
  ]
}
