import Foundation

/// From when to when a certificate is valid, in whole seconds, both ends included.
public struct Validity: Sendable, Hashable {
  /// The first second.
  public let notBefore: Date
  /// The last second.
  public let notAfter: Date

  /// A validity between two times, each cut to the whole second that a certificate can hold.
  public init(notBefore: Date, notAfter: Date) {
    self.notBefore = Self.wholeSeconds(notBefore)
    self.notAfter = Self.wholeSeconds(notAfter)
  }

  /// A validity that ends `duration` seconds after `date` and begins five minutes before it, for peers whose clocks are behind; a tenth of
  /// a duration under 50 minutes.
  public init(from date: Date, duration: TimeInterval) {
    self.init(notBefore: date - min(5 * 60, (duration / 10).rounded(.down)), notAfter: date + duration)
  }

  private static func wholeSeconds(_ date: Date) -> Date {
    Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
  }
}
