import Synchronization

/// Permission to act as the leader during one term. Once lost, it is never valid again, even if the same process
/// becomes leader again.
///
/// The permit expires, by the local monotonic clock, when the Lease has not been renewed for the renew deadline, even
/// if the process was paused: after SIGSTOP and SIGCONT the first check fails. Pass it to
/// `KubernetesClient.fenced(by:)`.
public final class LeaderPermit: Sendable {
  /// The process is not the leader, or cannot be sure that it is.
  public struct Lost: Error, CustomStringConvertible {
    public let description = "no longer the leader; nothing was written"
  }

  private let clock: MonotonicClock
  /// Nil if the term is over.
  private let validUntil: Mutex<Duration?>

  init(clock: MonotonicClock, validUntil: Duration) {
    self.clock = clock
    self.validUntil = Mutex(validUntil)
  }

  /// - Throws: `Lost` if the term is over.
  public func check() throws {
    try validUntil.withLock { until in
      guard let end = until, clock.now() < end else {
        until = nil
        throw Lost()
      }
    }
  }

  /// Remaining validity; nil if the term is over.
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
