import TestSupport
import Testing

@testable import Schedule

@Suite struct CronExpressionTests {
  @Test(arguments: [
    // From Wednesday 2025-01-01 00:00, itself included.
    ("0 2 * * 6", "2025-01-04 02:00"),
    ("* * * * *", "2025-01-01 00:00"),
    ("30 * * * *", "2025-01-01 00:30"),
    ("  5\t4  *  * * ", "2025-01-01 04:05"),
    ("15,45 9-17 * * *", "2025-01-01 09:15"),
    ("7-59/10 * * * *", "2025-01-01 00:07"),
    ("50/4 23 * * *", "2025-01-01 23:50"),
    ("*/100 5 * * *", "2025-01-01 05:00"),
    ("0 0 31 * *", "2025-01-31 00:00"),
    ("0 0 ? FEB ?", "2025-02-01 00:00"),
    ("0 0 * jun-Aug mOn", "2025-06-02 00:00"),
    ("0 0 29 2 *", "2028-02-29 00:00"),
    ("0 0 1 * 0", "2025-01-01 00:00"),
    ("0 0 * * 0", "2025-01-05 00:00"),
    ("0 0 * * 7", "2025-01-05 00:00"),
    ("0 0 * * SUN", "2025-01-05 00:00"),
    ("0 0 * * 5-7", "2025-01-03 00:00"),
    ("0 1 * * 6-7/2", "2025-01-04 01:00"),
    ("0 0 30 2 1", "2025-02-03 00:00"),
    ("@hourly", "2025-01-01 00:00"),
    ("@weekly", "2025-01-05 00:00"),
    ("@monthly", "2025-01-01 00:00"),
  ])
  func comesFirstAt(text: String, expected: String) throws {
    #expect(try wallClock(CronExpression(text).next(from: newYear2025)) == expected)
  }

  @Test(arguments: [
    ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"),
  ])
  func aDescriptorMeansItsFields(descriptor: String, fields: String) throws {
    #expect(try comings(descriptor, 5) == comings(fields, 5))
  }

  @Test func bothFieldsOfDaysRestrictedMeansEither() throws {
    #expect(
      try comings("0 0 13 * FRI", 4) == [
        "2025-01-03 00:00", "2025-01-10 00:00", "2025-01-13 00:00", "2025-01-17 00:00",
      ]
    )
  }

  /// As in robfig/cron: `*/2` restricts, `*/1` and a `*` in a list do not.
  @Test func anAsteriskRestrictsOnlyWithAStep() throws {
    #expect(
      try comings("0 0 */10 * MON", 4).map { $0.prefix(10) } == [
        "2025-01-01", "2025-01-06", "2025-01-11", "2025-01-13",
      ]
    )
    #expect(try comings("0 0 */1 * MON", 2).map { $0.prefix(10) } == ["2025-01-06", "2025-01-13"])
    #expect(try comings("0 0 3,* * MON", 2).map { $0.prefix(10) } == ["2025-01-06", "2025-01-13"])
  }

  @Test func aCenturyWithoutALeapDayIsCrossed() throws {
    let march2096 = CivilDate(year: 2096, month: 3, day: 1).days * 1440
    #expect(try wallClock(CronExpression("59 23 29 2 *").next(from: march2096)) == "2104-02-29 23:59")
  }

  @Test(arguments: [
    ("60 * * * *", #"minute "60" is not allowed; allowed are 0-59, "#),
    ("0 24 * * *", #"hour "24" is not allowed; allowed are 0-23, "#),
    ("0 0 0 * *", #"day of month "0" is not allowed; allowed are 1-31, "#),
    ("0 0 32 * *", #"day of month "32""#),
    ("0 0 * 13 *", #"month "13" is not allowed; allowed are 1-12 or JAN-DEC, "#),
    ("0 0 * * 8", #"day of week "8" is not allowed; allowed are 0-6 or SUN-SAT (Sunday is 0 or 7), "#),
    ("0 0 * * JAN", #"day of week "JAN""#),
    ("0 0 * * MONDAY", #"day of week "MONDAY""#),
    ("30-10 * * * *", #"minute "30-10" ends before it starts"#),
    ("*/0 * * * *", #"minute "*/0""#),
    ("1/ * * * *", #"minute "1/""#),
    ("1/2/3 * * * *", #"minute "1/2/3""#),
    ("1-2-3 * * * *", #"minute "1-2-3""#),
    ("*-5 * * * *", #"minute "*-5""#),
    ("-5 * * * *", #"minute "-5""#),
    ("1,,2 * * * *", #"minute """#),
    ("+5 * * * *", #"minute "+5""#),
    ("٣ * * * *", #"minute "٣""#),
    ("99999999999999999999 * * * *", #"minute "99999999999999999999""#),
    ("*/99999999999999999999 * * * *", #"minute "*/99999999999999999999""#),
    ("0 L * * *", #"hour "L""#),
    ("", #""" has 0 fields, not 5"#),
    ("0 2 * *", "has 4 fields, not 5: minute, hour, day of month, month, day of week"),
    ("0 0 2 * * 6", "has 6 fields"),
    ("CRON_TZ=Europe/Berlin 0 2 * * 6", "has 6 fields"),
    ("@every 1h", #""@every 1h" is not one of @annually, @daily, @hourly, "#),
    ("@reboot", #""@reboot" is not one of"#),
    ("0 0 30 2 *", #""0 0 30 2 *" never occurs"#),
    ("0 0 31 4,6,9,11 ?", "never occurs"),
  ])
  func refusesAndSaysWhy(text: String, problem: String) {
    let error = #expect(throws: ScheduleError.self) { try CronExpression(text) }
    #expect(error?.field == .schedule)
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
  }

  @Test func aMessageStaysShortAndOnOneLine() {
    let error = #expect(throws: ScheduleError.self) {
      try CronExpression("\n\u{7}" + String(repeating: "x", count: 1_000_000))
    }
    #expect((error?.description.count ?? .max) < 300)
    #expect(error?.description.contains(where: \.isNewline) == false)
  }

  @Test func anyTextIsReadOrRefused() {
    var random = SeededGenerator(seed: 1)
    let pieces = [
      "*", "?", "/", "-", ",", "0", "7", "59", "MON", "feb", "@", "9999999999", "é", "\u{0}", " ", "\n", "-1", "1", "*",
      "2",
    ]
    var accepted = 0
    for _ in 0..<20_000 {
      let fields = (0..<5).map { _ in
        (0..<Int.random(in: 1...3, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      }
      guard let expression = try? CronExpression(fields.joined(separator: " ")) else { continue }
      accepted += 1
      #expect(expression.next(from: newYear2025) >= newYear2025)
    }
    #expect((1..<10_000).contains(accepted))
  }

  private let newYear2025 = CivilDate(year: 2025, month: 1, day: 1).days * 1440

  private func comings(_ text: String, _ count: Int) throws -> [String] {
    let expression = try CronExpression(text)
    var minute = newYear2025 - 1
    return (0..<count).map { _ in
      minute = expression.next(from: minute + 1)
      return wallClock(minute)
    }
  }

  private func wallClock(_ minute: Int) -> String {
    let (days, time) = minute.dividedDown(by: 1440)
    let date = CivilDate(days: days)
    let parts = [date.month, date.day, time / 60, time % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(date.year)-\(parts[0])-\(parts[1]) \(parts[2]):\(parts[3])"
  }
}
