import Foundation

/// A recurring period in which disruption is allowed. It opens at the times of a schedule and closes after a duration.
///
/// The duration is elapsed time, independent of clock changes. If the clock skips a scheduled time, the window opens at
/// the skip. If a time occurs twice because the clock is set back, the window opens at the first.
public struct MaintenanceWindow: Sendable, Hashable {
  public let schedule: CronExpression
  /// In whole seconds.
  public let duration: Duration
  public let timeZone: TimeZoneRules

  /// Allowed durations of a window: one minute to one year.
  private static let durations = Duration.seconds(60)...(.seconds(8760 * 3600))

  /// - Parameters:
  ///   - schedule: cron expression, see `CronExpression`.
  ///   - duration: how long the window stays open, 1 minute to 8760 hours; fractions of a second are dropped.
  ///   - timeZone: name in the tz database; nil or empty for UTC.
  /// - Throws: `ScheduleError` that names the field.
  public init(schedule: String, duration: Duration, timeZone: String? = nil) throws(ScheduleError) {
    self.schedule = try CronExpression(schedule)
    guard Self.durations.contains(duration) else { throw ScheduleError(.duration, "must be between 1m and 8760h") }
    self.duration = .seconds(duration.components.seconds)
    self.timeZone = try TimeZoneRules(named: timeZone)
  }

  private var length: TimeInterval { TimeInterval(duration.components.seconds) }

  /// The next opening after `date`; nil only for dates out of range (20,000 years away).
  public func opening(after date: Date) -> Date? {
    let seconds = date.timeIntervalSince1970.rounded(.down)
    guard seconds.magnitude < 6.4e11 else { return nil }
    let shown = timeZone.latestLocalTime(upTo: Int(seconds)).dividedDown(by: 60).quotient
    let opening = timeZone.firstTime(atOrPast: schedule.next(from: shown + 1) * 60)
    return Date(timeIntervalSince1970: TimeInterval(opening))
  }

  /// When the window that opens at a date closes. At that time it is already closed.
  public func closing(of opening: Date) -> Date { opening + length }

  /// Whether the window is open: true at the time it opens, false at the time it closes.
  public func contains(_ date: Date) -> Bool { closing(around: date) != nil }

  /// The earliest closing after `date` of an opening at or before it; openings may overlap if the duration exceeds
  /// their distance.
  func closing(around date: Date) -> Date? {
    guard let opening = opening(after: date - length), opening <= date else { return nil }
    return closing(of: opening)
  }
}
