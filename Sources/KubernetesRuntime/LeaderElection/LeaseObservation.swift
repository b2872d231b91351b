import Kubernetes
import Synchronization

/// The newest state of a Lease that this process has seen, and when, by its own clock, it saw it change: what the times in the Lease say
/// is another machine's business, whose clock may be wrong.
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

  /// Nil where there is no Lease, or none was seen.
  var latest: Seen? { state.withLock { $0.seen } }

  /// Opens at the next change from now on.
  var nextChange: Latch { state.withLock { $0.changed } }

  /// Takes in a state; an older one than is known changes nothing.
  func see(_ object: KubernetesObject, at now: Duration) {
    state.withLock { state in
      let record = LeaseRecord(object)
      if let seen = state.seen {
        guard !ResourceVersion.isOlder(object.resourceVersion, than: seen.object.resourceVersion) else { return }
        guard record != seen.record else {
          state.seen = Seen(object: object, record: record, time: seen.time)
          return
        }
      }
      state.seen = Seen(object: object, record: record, time: now)
      Self.announce(&state)
    }
  }

  /// The Lease is gone.
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
