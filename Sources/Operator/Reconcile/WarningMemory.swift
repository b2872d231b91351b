import KubernetesRuntime
import MilvusTLS
import Synchronization

/// What the process has warned of, so that a warning is said once and not at every look.
final class WarningMemory: Sendable {
  private struct Entry: Equatable {
    let uid: String
    let warning: TLSPlan.Warning
  }

  private let warnings = Mutex<[ObjectKey: Entry]>([:])

  /// Whether a warning has to be said; from then on it counts as said.
  /// - Parameters:
  ///   - warning: nil where there is nothing to warn of: the same warning is said again when it comes back.
  ///   - uid: of the Milvus.
  func isNews(_ warning: TLSPlan.Warning?, of key: ObjectKey, uid: String?) -> Bool {
    let entry = warning.flatMap { warning in uid.map { Entry(uid: $0, warning: warning) } }
    return warnings.withLock { warnings in
      let former = warnings[key]
      warnings[key] = entry
      return entry != nil && entry != former
    }
  }
}
