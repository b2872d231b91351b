import Metrics

/// Metrics of a controller, with controller-runtime's names
/// (https://book.kubebuilder.io/reference/metrics-reference).
struct ControllerMetrics: Sendable {
  enum Result: String, CaseIterable {
    case success
    case requeueAfter = "requeue_after"
    case error
  }

  private let totals: [Result: Counter]
  let errors: Counter
  let time: Timer
  let activeWorkers: Gauge

  init(controller: String, workers: Int, factory: any MetricsFactory) {
    let dimensions = [("controller", controller)]
    let total = { (result: Result) in
      Counter(
        label: "controller_runtime_reconcile_total",
        dimensions: dimensions + [("result", result.rawValue)],
        factory: factory
      )
    }
    totals = Dictionary(uniqueKeysWithValues: Result.allCases.map { ($0, total($0)) })
    errors = Counter(label: "controller_runtime_reconcile_errors_total", dimensions: dimensions, factory: factory)
    time = Timer(label: "controller_runtime_reconcile_time_seconds", dimensions: dimensions, factory: factory)
    activeWorkers = Gauge(label: "controller_runtime_active_workers", dimensions: dimensions, factory: factory)
    Gauge(label: "controller_runtime_max_concurrent_reconciles", dimensions: dimensions, factory: factory)
      .record(workers)
    activeWorkers.record(0)
  }

  func count(_ result: Result) {
    totals[result]?.increment()
    if result == .error { errors.increment() }
  }
}
