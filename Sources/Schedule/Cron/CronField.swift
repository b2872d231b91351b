/// One of the five fields of a cron expression: its range, its names and its parser.
struct CronField {
  let name: String
  let range: ClosedRange<Int>
  /// Three-letter names of the values, from the lower bound on.
  let names: [String]

  static let minute = CronField(name: "minute", range: 0...59, names: [])
  static let hour = CronField(name: "hour", range: 0...23, names: [])
  static let dayOfMonth = CronField(name: "day of month", range: 1...31, names: [])
  static let month = CronField(
    name: "month",
    range: 1...12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
  )
  static let dayOfWeek = CronField(
    name: "day of week",
    range: 0...6,
    names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
  )

  /// Alternative number for Sunday from Vixie cron; Kubernetes rejects it.
  private static let sunday = 7

  private var isDayOfWeek: Bool { range == Self.dayOfWeek.range }

  /// Parses a list of values, ranges and steps.
  func parse(_ text: Substring) throws(ScheduleError) -> CronSet {
    var union = CronSet()
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      union.formUnion(try parse(item: item))
    }
    return union
  }

  private func parse(item: Substring) throws(ScheduleError) -> CronSet {
    let parts = item.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { throw refusal(item) }
    let step = parts.count == 2 ? Self.number(parts[1]) : 1
    guard let step, step > 0 else { throw refusal(item) }
    var set = CronSet()
    if parts[0] == "*" || parts[0] == "?" {
      set.isRestricted = step > 1
      insert(range, step, into: &set)
      return set
    }
    insert(try bounds(of: parts[0], isStepped: parts.count == 2, item), step, into: &set)
    return set
  }

  /// A single value is itself; with a step, it is all values from it on.
  private func bounds(of text: Substring, isStepped: Bool, _ item: Substring) throws(ScheduleError) -> ClosedRange<Int>
  {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count <= 2, let first = value(ends[0]) else { throw refusal(item) }
    if ends.count == 1 {
      let only = isDayOfWeek && first == Self.sunday ? 0 : first
      return isStepped ? only...range.upperBound : only...only
    }
    guard let last = value(ends[1]) else { throw refusal(item) }
    guard first <= last else { throw refusal(item, "ends before it starts") }
    return first...last
  }

  private func insert(_ values: ClosedRange<Int>, _ step: Int, into set: inout CronSet) {
    // A step past the end, however large, leaves only the first value.
    for value in stride(from: values.lowerBound, through: values.upperBound, by: min(step, 64)) {
      set.insert(isDayOfWeek && value == Self.sunday ? 0 : value)
    }
  }

  private func value(_ text: Substring) -> Int? {
    if let index = names.firstIndex(of: text.uppercased()) { return range.lowerBound + index }
    let last = isDayOfWeek ? Self.sunday : range.upperBound
    guard let number = Self.number(text), (range.lowerBound...last).contains(number) else { return nil }
    return number
  }

  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? Int(text) : nil
  }

  private func refusal(_ item: Substring, _ reason: String = "is not allowed") -> ScheduleError {
    var allowed = "\(range.lowerBound)-\(range.upperBound)"
    if let first = names.first, let last = names.last { allowed += " or \(first)-\(last)" }
    if isDayOfWeek { allowed += " (Sunday is 0 or 7)" }
    return ScheduleError(
      .schedule,
      "\(name) \(item.quoted) \(reason); allowed are \(allowed), lists (1,3), ranges (1-3), steps (*/2) and *"
    )
  }
}
