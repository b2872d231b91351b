import Foundation
import MilvusTLS

/// A time beside how far it is from now: `2036-11-27T16:44:30Z (in 3649 days)`.
struct RelativeTime: CustomStringConvertible {
  let date: Date
  let now: Date

  var description: String { "\(date.kubernetesTime) (\(distance))" }

  /// How far it is from now: `in 3649 days`, `2 hours ago`.
  var distance: String {
    let seconds = Int(date.timeIntervalSince(now).rounded(.towardZero))
    let amount = Self.amount(abs(seconds))
    return seconds < 0 ? "\(amount) ago" : "in \(amount)"
  }

  /// In the largest unit of which there are two or more.
  private static func amount(_ seconds: Int) -> String {
    for (unit, length) in [("days", 86400), ("hours", 3600), ("minutes", 60)] where seconds >= 2 * length {
      return "\(seconds / length) \(unit)"
    }
    return "\(seconds) seconds"
  }
}
