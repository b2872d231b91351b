import CCurl
import Foundation
import Synchronization

/// The server's clock, from the `Date` header of its last response (RFC 9110, 6.6.1).
final class ServerClock: Sendable {
  private let last = Mutex<(text: String, at: ContinuousClock.Instant)?>(nil)

  /// Records the `Date` header of a response.
  func note(_ head: ResponseHead) {
    guard let text = head.fields["date"] else { return }
    let now = ContinuousClock.now
    last.withLock { $0 = (text, now) }
  }

  /// The server's current time, accurate to a second or two; nil if no response had a `Date` header.
  ///
  /// The time since the response is measured with the monotonic clock.
  var now: Date? {
    guard let (text, instant) = last.withLock({ $0 }) else { return nil }
    let seconds = curl_getdate(text, nil)
    guard seconds >= 0 else { return nil }
    return Date(timeIntervalSince1970: Double(seconds) + (ContinuousClock.now - instant) / .seconds(1))
  }
}
