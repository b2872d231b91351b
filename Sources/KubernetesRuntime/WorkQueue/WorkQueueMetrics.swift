import Metrics

/// Metrics of a work queue, with client-go's names
/// (https://kubernetes.io/docs/reference/instrumentation/metrics/, k8s.io/component-base/metrics/prometheus/workqueue).
struct WorkQueueMetrics: Sendable {
  let depth: Gauge
  let adds: Counter
  let retries: Counter
  /// From adding a key to handing it out.
  let queueDuration: Timer
  /// From handing out a key to finishing it.
  let workDuration: Timer
  /// Total time that the keys in processing have taken so far, in seconds.
  let unfinishedWork: Gauge
  /// Longest time that a key in processing has taken so far, in seconds.
  let longestRunning: Gauge

  init(name: String, factory: any MetricsFactory) {
    let dimensions = [("name", name)]
    depth = Gauge(label: "workqueue_depth", dimensions: dimensions, factory: factory)
    adds = Counter(label: "workqueue_adds_total", dimensions: dimensions, factory: factory)
    retries = Counter(label: "workqueue_retries_total", dimensions: dimensions, factory: factory)
    queueDuration = Timer(label: "workqueue_queue_duration_seconds", dimensions: dimensions, factory: factory)
    workDuration = Timer(label: "workqueue_work_duration_seconds", dimensions: dimensions, factory: factory)
    unfinishedWork = Gauge(label: "workqueue_unfinished_work_seconds", dimensions: dimensions, factory: factory)
    longestRunning = Gauge(
      label: "workqueue_longest_running_processor_seconds",
      dimensions: dimensions,
      factory: factory
    )
  }

  /// - Parameter ages: how long each key has been in processing.
  func report(ages: [Duration]) {
    unfinishedWork.record(ages.reduce(.zero, +).seconds)
    longestRunning.record((ages.max() ?? .zero).seconds)
  }
}
