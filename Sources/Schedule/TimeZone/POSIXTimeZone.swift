/// Rule for times after a zone's last transition: a POSIX TZ string, as in a TZif footer (RFC 9636, 3.3).
struct POSIXTimeZone: Sendable, Hashable {
  /// An annual change of the offset.
  struct Change: Sendable, Hashable {
    enum Day: Sendable, Hashable {
      /// `Jn`: 1 to 365, February 29 not counted.
      case julian(Int)
      /// `n`: 0 to 365, February 29 counted.
      case ordinal(Int)
      /// `Mm.w.d`: Sunday is 0; the fifth week is the last.
      case weekday(month: Int, week: Int, weekday: Int)
    }

    let day: Day
    /// Seconds after midnight by the clock before the change, up to 167 hours in either direction.
    let time: Int

    /// Seconds since 1970 by the clock before the change.
    func localTime(in year: Int) -> Int { dayNumber(in: year) * 86_400 + time }

    private func dayNumber(in year: Int) -> Int {
      let newYear = CivilDate(year: year, month: 1, day: 1)
      switch day {
      case .julian(let number): return newYear.days + number - (CivilDate.isLeap(year) && number > 59 ? 0 : 1)
      case .ordinal(let number): return newYear.days + number
      case .weekday(let month, let week, let weekday):
        let first = CivilDate(year: year, month: month, day: 1)
        let day = first.days + (weekday - first.weekday).dividedDown(by: 7).remainder + (week - 1) * 7
        return day < first.firstOfNextMonth.days ? day : day - 7
      }
    }
  }

  struct Daylight: Sendable, Hashable {
    let offset: Int
    let start: Change
    let end: Change
  }

  /// Seconds east of UTC.
  let standardOffset: Int
  let daylight: Daylight?

  /// The offset at a time, and the time of the next change.
  /// - Parameter time: in seconds since 1970.
  func period(at time: Int) -> TimeZoneRules.Period {
    guard let daylight else { return TimeZoneRules.Period(offset: standardOffset, end: .max) }
    var latest = Int.min
    var offset = standardOffset
    var end = Int.max
    let year = CivilDate(days: time.dividedDown(by: 86_400).quotient).year
    // A change may be up to a week outside its year, so only years two away are certainly before and after. If daylight
    // saving time never ends, its end and the next year's start coincide (RFC 9636, 3.3.1), and the later year's start
    // takes precedence.
    for year in year - 2...year + 2 {
      let changes = [
        (at: daylight.start.localTime(in: year) - standardOffset, to: daylight.offset),
        (at: daylight.end.localTime(in: year) - daylight.offset, to: standardOffset),
      ]
      for change in changes {
        if change.at > time {
          end = min(end, change.at)
        } else if change.at >= latest {
          (latest, offset) = (change.at, change.to)
        }
      }
    }
    return TimeZoneRules.Period(offset: offset, end: end)
  }
}
