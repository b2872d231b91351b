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

  /// A validity that ends `duration` seconds after `date` and begins `backdated` seconds before it, for peers whose clocks are behind.
  public init(from date: Date, duration: TimeInterval, backdated: TimeInterval = 5 * 60) {
    self.init(notBefore: date - backdated, notAfter: date + duration)
  }

  private static func wholeSeconds(_ date: Date) -> Date {
    Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
  }
}
