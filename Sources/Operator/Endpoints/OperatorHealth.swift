import KubernetesRuntime
import Synchronization

/// What the probes ask: is the operator ready, and is it alive.
public final class OperatorHealth: Sendable {
  /// A verdict; nil is well, a text says what is not.
  public typealias Problem = String

  private enum Phase {
    case starting
    /// Another process leads; this one takes over when that ends.
    case standby
    /// At work, once these stores have been filled.
    case active(missing: Set<String>)
  }

  private struct State {
    var phase = Phase.starting
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

  /// The process waits to become the leader.
  public func standBy() {
    state.withLock { $0.phase = .standby }
  }

  /// Work begins with the stores of these resources.
  func begin(stores: [String]) {
    state.withLock { $0.phase = .active(missing: Set(stores)) }
  }

  /// A store has been filled.
  func synced(_ store: String) {
    state.withLock { state in
      guard case .active(var missing) = state.phase else { return }
      missing.remove(store)
      state.phase = .active(missing: missing)
    }
  }

  /// Notes that a reconciliation runs for as long as the work does.
  func watching<Value>(_ key: ObjectKey, _ work: () async throws -> Value) async rethrows -> Value {
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

  /// Why the operator is not ready; nil where it is. One that stands by is.
  public var readinessProblem: Problem? {
    state.withLock { state in
      switch state.phase {
      case .starting: "starting"
      case .standby: nil
      case .active(let missing) where missing.isEmpty: nil
      case .active(let missing): "not synced: \(missing.sorted().joined(separator: ", "))"
      }
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
