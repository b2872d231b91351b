import Synchronization

/// A clock that stands still until a test sets it on.
final class SetClock: Sendable {
  private let start = ContinuousClock.now
  private let time = Mutex(Duration.zero)

  var now: @Sendable () -> ContinuousClock.Instant {
    { self.start + self.time.withLock { $0 } }
  }

  func advance(by duration: Duration) {
    time.withLock { $0 += duration }
  }
}
