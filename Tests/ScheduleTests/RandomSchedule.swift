import TestSupport

/// A cron expression made at random, with the values that its fields were made of.
struct RandomSchedule {
  struct Field {
    let text: String
    let values: Set<Int>
    let isRestricted: Bool
  }

  private let minute: Field
  private let hour: Field
  private let dayOfMonth: Field
  private let month: Field
  private let dayOfWeek: Field

  init(using random: inout SeededGenerator) {
    minute = Self.field(0...59, &random)
    hour = Self.field(0...23, &random)
    dayOfMonth = Self.field(1...31, &random)
    // Mostly every month, or few schedules would open within the days that are looked at.
    month = Bool.random(using: &random) ? Self.field(1...12, &random) : Self.every(1...12)
    dayOfWeek = Self.field(0...6, &random)
  }

  var text: String { [minute, hour, dayOfMonth, month, dayOfWeek].map(\.text).joined(separator: " ") }

  func isMatching(month: Int, day: Int, weekday: Int, hour: Int, minute: Int) -> Bool {
    let isDay = dayOfMonth.values.contains(day)
    let isWeekday = dayOfWeek.values.contains(weekday)
    let isEither = dayOfMonth.isRestricted && dayOfWeek.isRestricted
    return self.minute.values.contains(minute) && self.hour.values.contains(hour) && self.month.values.contains(month)
      && (isEither ? isDay || isWeekday : isDay && isWeekday)
  }

  private static func every(_ range: ClosedRange<Int>) -> Field {
    Field(text: "*", values: Set(range), isRestricted: false)
  }

  private static func field(_ range: ClosedRange<Int>, _ random: inout SeededGenerator) -> Field {
    let low = Int.random(in: range, using: &random)
    let high = Int.random(in: low...range.upperBound, using: &random)
    let step = Int.random(in: 1...9, using: &random)
    let other = Int.random(in: range, using: &random)
    switch Int.random(in: 0...7, using: &random) {
    case 0: return Field(text: "\(low)", values: [low], isRestricted: true)
    case 1: return Field(text: "\(low)-\(high)", values: Set(low...high), isRestricted: true)
    case 2: return Field(text: "\(low),\(high)", values: [low, high], isRestricted: true)
    case 3:
      let values = stride(from: range.lowerBound, through: range.upperBound, by: step)
      return Field(text: "*/\(step)", values: Set(values), isRestricted: step > 1)
    case 4:
      let values = stride(from: low, through: range.upperBound, by: step)
      return Field(text: "\(low)/\(step)", values: Set(values), isRestricted: true)
    case 5:
      let values = Set(stride(from: low, through: high, by: step)).union([other])
      return Field(text: "\(low)-\(high)/\(step),\(other)", values: values, isRestricted: true)
    default: return every(range)
    }
  }
}
