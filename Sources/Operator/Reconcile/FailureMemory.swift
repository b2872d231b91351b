import KubernetesRuntime
import Synchronization

/// Since when, and how often, each Milvus has failed: a failure that may pass by itself becomes a condition only when
/// it does not.
final class FailureMemory: Sendable {
  /// How long a failure has to last to be told.
  private static let patience = Duration.seconds(10)

  private struct Failures {
    let first: ContinuousClock.Instant
    var count = 0
  }

  private let now: @Sendable () -> ContinuousClock.Instant
  private let failures = Mutex<[ObjectKey: Failures]>([:])

  init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
  }

  /// Notes a failure.
  /// - Returns: whether it lasts: it is not the first, and the first was some time ago.
  func note(_ key: ObjectKey) -> Bool {
    let now = now()
    return failures.withLock { failures in
      var noted = failures[key] ?? Failures(first: now)
      noted.count += 1
      failures[key] = noted
      return noted.count > 1 && noted.first.duration(to: now) >= Self.patience
    }
  }

  /// Forgets the failures of a Milvus, after a success.
  func forget(_ key: ObjectKey) {
    failures.withLock { $0[key] = nil }
  }
}
