/// A recurring wall clock time in the syntax of a Kubernetes CronJob: minute, hour, day of month, month, day of week.
///
/// The syntax is that of robfig/cron's standard parser (kubernetes.io/docs/concepts/workloads/controllers/cron-jobs):
/// numbers, lists, ranges, steps, `*` and `?`, names of months and weekdays, and descriptors such as `@daily`. If both
/// day fields are restricted, a day must match only one of them. Sunday is 0 or 7. `@every` and `TZ=` are not
/// supported.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
  /// The original text.
  public let description: String
  private let minutes: CronSet
  private let hours: CronSet
  private let daysOfMonth: CronSet
  private let months: CronSet
  private let daysOfWeek: CronSet

  private static let descriptors = [
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
  ]

  /// - Throws: `ScheduleError` that names the wrong field and what it allows; also for days that no year has.
  public init(_ text: String) throws(ScheduleError) {
    let words = text.split(whereSeparator: \.isWhitespace)
    let fields = try Self.fields(words, of: text)
    description = text
    minutes = try CronField.minute.parse(fields[0])
    hours = try CronField.hour.parse(fields[1])
    daysOfMonth = try CronField.dayOfMonth.parse(fields[2])
    months = try CronField.month.parse(fields[3])
    daysOfWeek = try CronField.dayOfWeek.parse(fields[4])
    guard hasDays else {
      throw ScheduleError(.schedule, "\(text.quoted) never occurs: none of its months has such a day")
    }
  }

  private static func fields(_ words: [Substring], of text: String) throws(ScheduleError) -> [Substring] {
    if let first = words.first, first.hasPrefix("@") {
      guard words.count == 1, let meaning = descriptors[String(first)] else {
        throw ScheduleError(
          .schedule,
          "\(text.quoted) is not one of \(descriptors.keys.sorted().joined(separator: ", "))"
        )
      }
      return meaning.split(separator: " ")
    }
    guard words.count == 5 else {
      throw ScheduleError(
        .schedule,
        "\(text.quoted) has \(words.count) fields, not 5: minute, hour, day of month, month, day of week"
      )
    }
    return words
  }

  private var hasDays: Bool {
    guard !daysOfWeek.isRestricted else { return true }
    return (1...12).contains { month in
      guard months.contains(month), let first = daysOfMonth.next(from: 1) else { return false }
      return first <= CivilDate.mostDays(inMonth: month)
    }
  }

  /// The first matching wall clock time.
  /// - Parameter minute: start of the search, inclusive; in minutes since 1970-01-01T00:00 of the same wall clock, as
  ///   is the result.
  func next(from minute: Int) -> Int {
    let (day, minuteOfDay) = minute.dividedDown(by: Self.minutesOfDay)
    if isMatching(day: day), let time = nextMinuteOfDay(from: minuteOfDay) { return day * Self.minutesOfDay + time }
    // A search from midnight always finds a time: no field is empty.
    return nextDay(from: day + 1) * Self.minutesOfDay + (nextMinuteOfDay(from: 0) ?? 0)
  }

  private static let minutesOfDay = 1440

  private func nextMinuteOfDay(from minuteOfDay: Int) -> Int? {
    let (hour, minute) = minuteOfDay.quotientAndRemainder(dividingBy: 60)
    if hours.contains(hour), let minute = minutes.next(from: minute) { return hour * 60 + minute }
    guard let hour = hours.next(from: hour + 1), let minute = minutes.next(from: 0) else { return nil }
    return hour * 60 + minute
  }

  /// Terminates because an expression without days is rejected: the rarest day, February 29, occurs within 8 years.
  private func nextDay(from start: Int) -> Int {
    var day = start
    while !isMatching(day: day) {
      let date = CivilDate(days: day)
      day = months.contains(date.month) ? day + 1 : date.firstOfNextMonth.days
    }
    return day
  }

  private func isMatching(day: Int) -> Bool {
    let date = CivilDate(days: day)
    guard months.contains(date.month) else { return false }
    let isDayOfMonth = daysOfMonth.contains(date.day)
    let isDayOfWeek = daysOfWeek.contains(CivilDate.weekday(days: day))
    return daysOfMonth.isRestricted && daysOfWeek.isRestricted
      ? isDayOfMonth || isDayOfWeek : isDayOfMonth && isDayOfWeek
  }
}
