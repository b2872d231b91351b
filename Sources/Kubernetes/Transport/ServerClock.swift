import CCurl
import Foundation
import Synchronization

/// The server's clock, as the `Date` field of its last answer told it (RFC 9110, 6.6.1).
final class ServerClock: Sendable {
  private let last = Mutex<(text: String, at: ContinuousClock.Instant)?>(nil)

  /// Keeps what an answer tells.
  func note(_ head: ResponseHead) {
    guard let text = head.fields["date"] else { return }
    let now = ContinuousClock.now
    last.withLock { $0 = (text, now) }
  }

  /// The server's time now, to a second or two; nil where no answer told any.
  ///
  /// The time since the answer is measured with a clock that nobody sets.
  var now: Date? {
    guard let (text, instant) = last.withLock({ $0 }) else { return nil }
    let seconds = curl_getdate(text, nil)
    guard seconds >= 0 else { return nil }
    return Date(timeIntervalSince1970: Double(seconds) + (ContinuousClock.now - instant) / .seconds(1))
  }
}
