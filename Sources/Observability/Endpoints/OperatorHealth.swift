import KubernetesRuntime
import Synchronization

/// What the probes ask: is the operator ready, and is it alive.
public final class OperatorHealth: Sendable {
  /// A verdict; nil is well, a text says what is not.
  public typealias Problem = String

  private struct State {
    /// The stores that are yet to be filled; nil before their filling has begun.
    var missing: Set<String>?
    var running: [ObjectKey: ContinuousClock.Instant] = [:]
    var lastEnd: ContinuousClock.Instant?
  }

  private let stallLimit: Duration
  private let state = Mutex(State())

  /// - Parameter stallLimit: how long reconciliations may run without any of them ending.
  public init(stallLimit: Duration = .seconds(600)) {
    self.stallLimit = stallLimit
  }

  // MARK: What the operator tells

  /// The stores of these resources are being filled.
  public func begin(stores: [String]) {
    state.withLock { $0.missing = Set(stores) }
  }

  /// A store has been filled.
  public func synced(_ store: String) {
    state.withLock { _ = $0.missing?.remove(store) }
  }

  /// Notes that a reconciliation runs for as long as the work does.
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

  // MARK: What the probes ask

  /// Why the operator is not ready; nil where it is: its stores are filled, so that it can act at once, or as soon as it leads.
  public var readinessProblem: Problem? {
    state.withLock { state in
      guard let missing = state.missing else { return "starting" }
      return missing.isEmpty ? nil : "not synced: \(missing.sorted().joined(separator: ", "))"
    }
  }

  /// Why the operator should be started again; nil where it should not.
  public var livenessProblem: Problem? {
    state.withLock { state in
      guard let (key, start) = state.running.min(by: { $0.value < $1.value }) else { return nil }
      let stalled = ContinuousClock.now - max(start, state.lastEnd ?? start)
      guard stalled >= stallLimit else { return nil }
      return "no reconciliation has ended for \(stalled.components.seconds) s, \(key) runs the longest"
    }
  }
}
