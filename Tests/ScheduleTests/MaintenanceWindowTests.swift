import Foundation
import Testing

@testable import Schedule

@Suite struct MaintenanceWindowTests {
  /// Schedule, zone, a date, and the next opening after it.
  @Test(arguments: [
    ("0 2 * * 6", "Europe/Berlin", "2027-01-01T00:00:00Z", "2027-01-02T01:00:00Z"),
    ("0 2 * * 6", "Europe/Berlin", "2027-07-01T00:00:00Z", "2027-07-03T00:00:00Z"),
    // Strictly after, in fractions of a second too.
    ("0 2 * * 6", "", "2027-01-02T02:00:00Z", "2027-01-09T02:00:00Z"),
    ("0 2 * * 6", "", "2027-01-02T01:59:59Z", "2027-01-02T02:00:00Z"),
    // The clock jumps from 2 to 3: both open at the jump.
    ("0 2 * * *", "Europe/Berlin", "2027-03-28T00:00:00Z", "2027-03-28T01:00:00Z"),
    ("30 2 * * *", "Europe/Berlin", "2027-03-28T00:00:00Z", "2027-03-28T01:00:00Z"),
    ("30 2 * * *", "Europe/Berlin", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"),
    // 2 to 3 comes twice: the first opens.
    ("30 2 * * *", "Europe/Berlin", "2027-10-30T12:00:00Z", "2027-10-31T00:30:00Z"),
    ("30 2 * * *", "Europe/Berlin", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"),
    ("30 2 * * *", "Europe/Berlin", "2027-10-31T01:10:00Z", "2027-11-01T01:30:00Z"),
    ("0 3 * * *", "Europe/Berlin", "2027-10-31T00:30:00Z", "2027-10-31T02:00:00Z"),
    ("30 2 * * *", "America/New_York", "2027-03-14T00:00:00Z", "2027-03-14T07:00:00Z"),
    ("30 1 * * *", "America/New_York", "2027-11-07T00:00:00Z", "2027-11-07T05:30:00Z"),
    ("30 1 * * *", "America/New_York", "2027-11-07T05:30:00Z", "2027-11-08T06:30:00Z"),
    // 30 minutes: 2:00 to 2:30 is skipped in October, 1:30 to 2:00 comes twice in April.
    ("15 2 * * *", "Australia/Lord_Howe", "2027-10-02T00:00:00Z", "2027-10-02T15:30:00Z"),
    ("45 1 * * *", "Australia/Lord_Howe", "2027-04-03T00:00:00Z", "2027-04-03T14:45:00Z"),
    ("45 1 * * *", "Australia/Lord_Howe", "2027-04-03T14:45:00Z", "2027-04-04T15:15:00Z"),
    ("0 0 * * *", "Asia/Kathmandu", "2027-01-01T00:00:00Z", "2027-01-01T18:15:00Z"),
    // Ramadan: the clock goes back an hour on 2027-02-07 at 3 and forward on 2027-03-14 at 2.
    ("0 12 * * *", "Africa/Casablanca", "2027-02-06T12:00:00Z", "2027-02-07T12:00:00Z"),
    ("0 12 * * *", "Africa/Casablanca", "2027-03-14T00:00:00Z", "2027-03-14T11:00:00Z"),
    // Samoa had no December 30, 2011.
    ("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00Z"),
    ("0 0 31 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00Z"),
    ("0 12 29 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-29T22:00:00Z"),
    ("30 2 * * *", "Europe/Berlin", "2060-03-28T00:00:00Z", "2060-03-28T01:00:00Z"),
    ("0 0 29 2 *", "Europe/Berlin", "2096-03-01T00:00:00Z", "2104-02-28T23:00:00Z"),
  ])
  func opensNext(schedule: String, zone: String, after: String, opening: String) throws {
    let window = try MaintenanceWindow(schedule: schedule, duration: .seconds(3600), timeZone: zone)
    #expect(window.opening(after: try date(after)) == (try date(opening)))
  }

  @Test func isOpenFromTheOpeningOnAndNotAtTheClosing() throws {
    let window = try MaintenanceWindow(schedule: "0 2 * * 6", duration: .seconds(4 * 3600), timeZone: "Europe/Berlin")
    let opening = try date("2027-01-02T01:00:00Z")
    #expect(window.closing(of: opening) == (try date("2027-01-02T05:00:00Z")))
    #expect(!window.contains(opening - 0.001))
    #expect(window.contains(opening))
    #expect(window.contains(opening + 4 * 3600 - 0.001))
    #expect(!window.contains(opening + 4 * 3600))
  }

  @Test func theDurationIsElapsedTime() throws {
    let window = try MaintenanceWindow(schedule: "0 1 * * *", duration: .seconds(4 * 3600), timeZone: "Europe/Berlin")
    #expect([window].state(at: try date("2027-03-28T00:30:00Z")) == .open(until: try date("2027-03-28T04:00:00Z")))
    #expect([window].state(at: try date("2027-10-31T00:30:00Z")) == .open(until: try date("2027-10-31T03:00:00Z")))
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .seconds(59), .seconds(8760 * 3600 + 1), .seconds(Int64.max)])
  func refusesADuration(duration: Duration) {
    let error = #expect(throws: ScheduleError.self) { try MaintenanceWindow(schedule: "@daily", duration: duration) }
    #expect(error?.description == "duration: must be between 1m and 8760h")
  }

  @Test func refusesWhatItsPartsRefuse() {
    let schedule = #expect(throws: ScheduleError.self) { try MaintenanceWindow(schedule: "x", duration: .seconds(60)) }
    #expect(schedule?.field == .schedule)
    let zone = #expect(throws: ScheduleError.self) {
      try MaintenanceWindow(schedule: "@daily", duration: .seconds(60), timeZone: "CEST")
    }
    #expect(zone?.field == .timeZone)
  }

  @Test(arguments: [Date.distantPast, .distantFuture])
  func aDateFarAwayHasAnOpening(date: Date) throws {
    let window = try MaintenanceWindow(schedule: "0 2 * * 6", duration: .seconds(60), timeZone: "Europe/Berlin")
    let opening = try #require(window.opening(after: date))
    #expect((0...8 * 86_400).contains(opening.timeIntervalSince(date)))
  }

  @Test(arguments: [Double.infinity, -.infinity, .nan, 1e300, -1e300])
  func aDateThatIsNoneHasNoOpening(seconds: Double) throws {
    let window = try MaintenanceWindow(schedule: "* * * * *", duration: .seconds(60))
    let date = Date(timeIntervalSince1970: seconds)
    #expect(window.opening(after: date) == nil)
    #expect(!window.contains(date))
    #expect([window].state(at: date) == .closed(until: .distantFuture))
  }

  private func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }
}
