import Foundation

/// Validity period of a certificate, in whole seconds, both ends included.
public struct Validity: Sendable, Hashable {
  /// Maximum back-dating, in seconds.
  private static let backdating: TimeInterval = 5 * 60

  /// The first second.
  public let notBefore: Date
  /// The last second.
  public let notAfter: Date

  /// A validity between two times, each truncated to whole seconds.
  public init(notBefore: Date, notAfter: Date) {
    self.notBefore = Self.wholeSeconds(notBefore)
    self.notAfter = Self.wholeSeconds(notAfter)
  }

  /// A validity that ends `duration` seconds after `date`. It begins five minutes before `date`, for peers whose clocks
  /// are slow; for a duration under 50 minutes, a tenth of the duration before it.
  public init(from date: Date, duration: TimeInterval) {
    self.init(notBefore: date - min(Self.backdating, (duration / 10).rounded(.down)), notAfter: date + duration)
  }

  /// The `duration`, in seconds, from which `init(from:duration:)` creates this validity.
  public var requestedDuration: TimeInterval {
    let lifetime = notAfter.timeIntervalSince(notBefore)
    let isFullyBackdated = lifetime >= 11 * Self.backdating
    return isFullyBackdated ? lifetime - Self.backdating : (lifetime / 1.1).rounded(.up)
  }

  private static func wholeSeconds(_ date: Date) -> Date {
    Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
  }
}
