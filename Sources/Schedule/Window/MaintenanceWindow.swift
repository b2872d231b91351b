import Foundation

/// Times that recur in which something may be disturbed: it opens when a schedule says and closes after a duration.
///
/// The duration is elapsed time, whatever the clock does meanwhile. A time of the schedule that the clock jumps past opens the
/// window at the jump; of one that comes twice, as the clock is set back, the first opens it.
public struct MaintenanceWindow: Sendable, Hashable {
  public let schedule: CronExpression
  /// In whole seconds.
  public let duration: Duration
  public let timeZone: TimeZoneRules

  /// How long a window may stay open: a minute to a year.
  private static let durations = Duration.seconds(60)...(.seconds(8760 * 3600))

  /// - Parameters:
  ///   - schedule: a cron expression, see `CronExpression`.
  ///   - duration: how long it stays open, 1 minute to 8760 hours; a fraction of a second is dropped.
  ///   - timeZone: a name of the tz database; UTC where it is nil or empty.
  /// - Throws: `ScheduleError` that names the field.
  public init(schedule: String, duration: Duration, timeZone: String? = nil) throws(ScheduleError) {
    self.schedule = try CronExpression(schedule)
    guard Self.durations.contains(duration) else { throw ScheduleError(.duration, "must be between 1m and 8760h") }
    self.duration = .seconds(duration.components.seconds)
    self.timeZone = try TimeZoneRules(named: timeZone)
  }

  private var length: TimeInterval { TimeInterval(duration.components.seconds) }

  /// The next opening, later than `date`; nil only for dates that no calendar shows (20,000 years away).
  public func opening(after date: Date) -> Date? {
    let seconds = date.timeIntervalSince1970.rounded(.down)
    guard seconds.magnitude < 6.4e11 else { return nil }
    let shown = timeZone.latestLocalTime(upTo: Int(seconds)).dividedDown(by: 60).quotient
    let opening = timeZone.firstTime(atOrPast: schedule.next(from: shown + 1) * 60)
    return Date(timeIntervalSince1970: TimeInterval(opening))
  }

  /// When the window that opens at a date closes: from then on it is shut.
  public func closing(of opening: Date) -> Date { opening + length }

  /// Whether it is open; true at the moment that it opens, false at the moment that it closes.
  public func contains(_ date: Date) -> Bool { closing(around: date) != nil }

  /// A closing after `date` of an opening that is not after it: the first of them, where openings follow in less than the duration.
  func closing(around date: Date) -> Date? {
    guard let opening = opening(after: date - length), opening <= date else { return nil }
    return closing(of: opening)
  }
}
