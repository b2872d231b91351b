import Synchronization

/// The right to act as the leader, for one term: once lost it stays lost, also when the same process leads again.
///
/// It ends by the local monotonic clock when the Lease has not been renewed for the renew deadline, whatever the process could do
/// meanwhile: after SIGSTOP and SIGCONT the first check fails. Give it to `KubernetesClient.fenced(by:)`.
public final class LeaderPermit: Sendable {
  /// The process does not lead, or cannot be sure that it does.
  public struct Lost: Error, CustomStringConvertible {
    public let description = "not the leader any more; nothing was written"
  }

  private let clock: MonotonicClock
  /// Nil when the term is over.
  private let validUntil: Mutex<Duration?>

  init(clock: MonotonicClock, validUntil: Duration) {
    self.clock = clock
    self.validUntil = Mutex(validUntil)
  }

  /// - Throws: `Lost` where the term is over.
  public func check() throws {
    try validUntil.withLock { until in
      guard let end = until, clock.now() < end else {
        until = nil
        throw Lost()
      }
    }
  }

  /// How much longer it is valid; nil when it is not.
  var remaining: Duration? {
    validUntil.withLock { until in
      guard let end = until else { return nil }
      let remaining = end - clock.now()
      return remaining > .zero ? remaining : nil
    }
  }

  /// Extends the term, unless it is over.
  func extend(until end: Duration) {
    validUntil.withLock { until in
      guard let current = until, clock.now() < current else {
        until = nil
        return
      }
      until = end
    }
  }

  /// Ends the term.
  func revoke() {
    validUntil.withLock { $0 = nil }
  }
}
