import Metrics

/// Measurements of the work itself.
struct ReconcileMetrics: Sendable {
  /// Success and failure of one kind of work, both there from the start: a rate needs a zero to rise from.
  struct Outcomes: Sendable {
    private let success: Counter
    private let error: Counter

    fileprivate init(_ name: String, _ factory: any MetricsFactory) {
      success = Counter(label: name, dimensions: [("result", "success")], factory: factory)
      error = Counter(label: name, dimensions: [("result", "error")], factory: factory)
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
  private let duration: Metrics.Timer

  init(factory: any MetricsFactory) {
    rotations = Outcomes("milvus_tls_rotations_total", factory)
    reconciliations = Outcomes("milvus_tls_reconcile_total", factory)
    duration = Metrics.Timer(label: "milvus_tls_reconcile_duration_seconds", dimensions: [], factory: factory)
  }

  /// Measures a reconciliation.
  func reconciling<Value>(_ work: () async throws -> Value) async throws -> Value {
    let start = ContinuousClock.now
    defer { duration.record(duration: ContinuousClock.now - start) }
    return try await reconciliations.counting(work)
  }
}
