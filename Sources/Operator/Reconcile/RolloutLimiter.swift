import KubernetesRuntime
import Synchronization

/// Keeps a new version of the operator from rolling every Milvus at once: rollouts for its changed defaults begin while
/// few others are under way.
final class RolloutLimiter: Sendable {
  private struct State {
    var rolling: Set<ObjectKey> = []
    /// The Milvus that wait, in the order in which they came.
    var waiting: [ObjectKey] = []
  }

  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: how many Milvus may be rolled when another one begins.
  init(limit: Int = 3) {
    self.limit = limit
  }

  /// Begins a rollout for changed defaults.
  /// - Returns: false where it has to wait; `settle` says when its turn has come.
  func begin(_ key: ObjectKey) -> Bool {
    state.withLock { state in
      guard state.rolling.contains(key) || state.rolling.count < limit else {
        if !state.waiting.contains(key) { state.waiting.append(key) }
        return false
      }
      state.rolling.insert(key)
      state.waiting.removeAll { $0 == key }
      return true
    }
  }

  /// Notes how a Milvus is after a reconciliation.
  /// - Parameters:
  ///   - isRolling: whether its pods are being rolled, for whatever reason.
  ///   - isWaiting: whether it still waits for its turn.
  /// - Returns: the Milvus whose turn has come; nil for none.
  func settle(_ key: ObjectKey, isRolling: Bool, isWaiting: Bool) -> ObjectKey? {
    state.withLock { state in
      if !isWaiting { state.waiting.removeAll { $0 == key } }
      if isRolling {
        state.rolling.insert(key)
      } else {
        state.rolling.remove(key)
      }
      return state.rolling.count < limit ? state.waiting.first { $0 != key } : nil
    }
  }
}
