import KubernetesRuntime
import Synchronization

/// What the reconciles under way have done, in order, for one event of each.
final class ReconcileStory: Sendable {
  private struct Step {
    let reason: String
    let message: String
  }

  /// By the Milvus that is reconciled.
  private let steps = Mutex<[ObjectKey: [Step]]>([:])

  func add(_ reason: String, _ message: String, of key: ObjectKey) {
    steps.withLock { $0[key, default: []].append(Step(reason: reason, message: message)) }
  }

  /// Takes what was done for a Milvus.
  /// - Returns: the reason of the last step and the messages of all; nil if nothing was done.
  func end(of key: ObjectKey) -> (reason: String, message: String)? {
    let told = steps.withLock { $0.removeValue(forKey: key) } ?? []
    return told.last.map { ($0.reason, told.map(\.message).joined(separator: ". ")) }
  }
}
