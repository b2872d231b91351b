import KubernetesRuntime
import Synchronization

/// What the process has warned of, so that a warning is said once and not at every look.
final class WarningMemory: Sendable {
  private struct Warning: Equatable {
    let uid: String
    let message: String
  }

  private let warnings = Mutex<[ObjectKey: Warning]>([:])

  /// Whether a warning has to be said; from then on it counts as said.
  /// - Parameters:
  ///   - message: nil where there is nothing to warn of: the same warning is said again when it comes back.
  ///   - uid: of the Milvus.
  func isNews(_ message: String?, of key: ObjectKey, uid: String?) -> Bool {
    let warning = message.flatMap { message in uid.map { Warning(uid: $0, message: message) } }
    return warnings.withLock { warnings in
      let former = warnings[key]
      warnings[key] = warning
      return warning != nil && warning != former
    }
  }
}
