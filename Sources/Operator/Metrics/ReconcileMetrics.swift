import Metrics
import Observability

/// Measurements of the work itself.
struct ReconcileMetrics: Sendable {
  /// Success and failure of one kind of work, both there from the start: a rate needs a zero to rise from.
  struct Outcomes: Sendable {
    private let success: Counter
    private let error: Counter

    fileprivate init(_ name: String, help: String, _ metrics: PrometheusMetrics) {
      metrics.describe(name, help: help)
      success = Counter(label: name, dimensions: [("result", "success")], factory: metrics)
      error = Counter(label: name, dimensions: [("result", "error")], factory: metrics)
    }

    /// Counts how a piece of work ends; one that is cancelled is not counted.
    /// - Parameter isDone: false for a result that means that the work has to be done anew: it is not counted either.
    func counting<Value>(
      isDone: (Value) -> Bool = { _ in true },
      _ work: () async throws -> Value
    ) async throws -> Value {
      do {
        let value = try await work()
        if isDone(value) { success.increment() }
        return value
      } catch {
        if !Task.isCancelled { self.error.increment() }
        throw error
      }
    }
  }

  /// Certificates issued in place of earlier ones.
  let rotations: Outcomes
  private let reconciliations: Outcomes
  private let duration: Timer

  init(_ metrics: PrometheusMetrics) {
    rotations = Outcomes(
      "milvus_tls_rotations_total",
      help: "Certificates issued in place of earlier ones, by result.",
      metrics
    )
    reconciliations = Outcomes(
      "milvus_tls_reconcile_total",
      help: "Reconciliations of a Milvus, by result.",
      metrics
    )
    let name = "milvus_tls_reconcile_duration_seconds"
    metrics.describe(name, help: "Time that the reconciliation of a Milvus takes.")
    duration = Timer(label: name, dimensions: [], factory: metrics)
  }

  /// Measures a reconciliation.
  func reconciling<Value>(_ work: () async throws -> Value) async throws -> Value {
    let start = ContinuousClock.now
    defer { duration.record(duration: ContinuousClock.now - start) }
    return try await reconciliations.counting(work)
  }
}
