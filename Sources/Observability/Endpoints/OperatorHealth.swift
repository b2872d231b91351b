import KubernetesRuntime
import Synchronization

/// Health of the operator, for its readiness and liveness probes.
public final class OperatorHealth: Sendable {
  /// Reason why a probe fails; nil if it succeeds.
  public typealias Problem = String

  private struct State {
    /// The stores that are not synced yet; nil before syncing begins.
    var missing: Set<String>?
    var running: [ObjectKey: ContinuousClock.Instant] = [:]
    var lastEnd: ContinuousClock.Instant?
  }

  private let stallLimit: Duration
  private let state = Mutex(State())

  /// - Parameter stallLimit: how long reconciles may run before at least one must have ended.
  public init(stallLimit: Duration = .seconds(600)) {
    self.stallLimit = stallLimit
  }

  // MARK: Reports of the operator

  /// Syncing of these stores begins.
  public func begin(stores: [String]) {
    state.withLock { $0.missing = Set(stores) }
  }

  /// A store is synced.
  public func synced(_ store: String) {
    state.withLock { _ = $0.missing?.remove(store) }
  }

  /// Records a reconcile for as long as `work` runs.
  public func watching<Value>(_ key: ObjectKey, _ work: () async throws -> Value) async rethrows -> Value {
    state.withLock { $0.running[key] = .now }
    defer {
      state.withLock { state in
        state.running[key] = nil
        state.lastEnd = .now
      }
    }
    return try await work()
  }

  // MARK: Results of the probes

  /// Why the operator is not ready; nil if all its stores are synced, so that it can act at once or as soon as it is
  /// the leader.
  public var readinessProblem: Problem? {
    state.withLock { state in
      guard let missing = state.missing else { return "starting" }
      return missing.isEmpty ? nil : "not synced: \(missing.sorted().joined(separator: ", "))"
    }
  }

  /// Why the operator should be restarted; nil if it should not.
  public var livenessProblem: Problem? {
    state.withLock { state in
      guard let (key, start) = state.running.min(by: { $0.value < $1.value }) else { return nil }
      let stalled = ContinuousClock.now - max(start, state.lastEnd ?? start)
      guard stalled >= stallLimit else { return nil }
      return "no reconcile has ended for \(stalled.components.seconds) s; the longest running is \(key)"
    }
  }
}
