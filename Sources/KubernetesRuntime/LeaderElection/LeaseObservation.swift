import Kubernetes
import Synchronization

/// The newest state of a Lease seen by this process, and when it saw the state change, by its own clock. The times in
/// the Lease are not used: they come from another machine, whose clock may be wrong.
final class LeaseObservation: Sendable {
  struct Seen: Sendable {
    let object: KubernetesObject
    let record: LeaseRecord
    let time: Duration
  }

  private struct State {
    var seen: Seen?
    var changed = Latch()
  }

  private let state = Mutex(State())

  /// Nil if there is no Lease, or none was seen yet.
  var latest: Seen? { state.withLock { $0.seen } }

  /// Opens at the next change.
  var nextChange: Latch { state.withLock { $0.changed } }

  /// Records a state, unless it is older than the known one.
  /// - Parameter known: for the answer to a read, what was known when it was sent. The server answers with nothing older
  ///   than that, unless etcd was restored from a backup: then the older state is the present one.
  func see(_ object: KubernetesObject, at now: Duration, readAfter known: Seen? = nil) {
    state.withLock { state in
      let record = LeaseRecord(object)
      let version = object.resourceVersion
      if let seen = state.seen {
        let isRestored = known.map { ResourceVersion.isOlder(version, than: $0.object.resourceVersion) } ?? false
        guard isRestored || !ResourceVersion.isOlder(version, than: seen.object.resourceVersion) else { return }
        guard record != seen.record else {
          state.seen = Seen(object: object, record: record, time: seen.time)
          return
        }
      }
      state.seen = Seen(object: object, record: record, time: now)
      Self.announce(&state)
    }
  }

  /// Records that the Lease was deleted.
  func seeDeletion() {
    state.withLock { state in
      guard state.seen != nil else { return }
      state.seen = nil
      Self.announce(&state)
    }
  }

  private static func announce(_ state: inout State) {
    state.changed.open()
    state.changed = Latch()
  }
}
