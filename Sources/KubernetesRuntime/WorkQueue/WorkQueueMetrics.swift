import Metrics

/// The measurements of a work queue, by client-go's names
/// (https://kubernetes.io/docs/reference/instrumentation/metrics/, k8s.io/component-base/metrics/prometheus/workqueue).
struct WorkQueueMetrics: Sendable {
  let depth: Gauge
  let adds: Counter
  let retries: Counter
  /// From being added to being handed out.
  let queueDuration: Timer
  /// From being handed out to being finished.
  let workDuration: Timer
  /// Seconds that the keys being worked on have taken so far, together.
  let unfinishedWork: Gauge
  /// Seconds that the oldest of them has taken so far.
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

  /// - Parameter ages: how long each key has been worked on.
  func report(ages: [Duration]) {
    unfinishedWork.record(ages.reduce(.zero, +).seconds)
    longestRunning.record((ages.max() ?? .zero).seconds)
  }
}
