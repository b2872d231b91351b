import Foundation
import Schedule
import Testing

@Suite struct MaintenanceStateTests {
  @Test func noWindowsLeaveEverythingOpen() {
    #expect([MaintenanceWindow]().state(at: Date(timeIntervalSince1970: 0)) == .open(until: .distantFuture))
  }

  @Test func isClosedUntilTheEarliestOpening() throws {
    let windows = [try window("0 4 * * *", hours: 1), try window("0 2 * * *", hours: 1)]
    #expect(windows.state(at: try date("2027-01-02T03:30:00Z")) == .closed(until: try date("2027-01-02T04:00:00Z")))
    #expect(windows.state(at: try date("2027-01-02T05:00:00Z")) == .closed(until: try date("2027-01-03T02:00:00Z")))
  }

  @Test func windowsThatOverlapOrTouchAreOne() throws {
    let windows = [
      try window("0 4 * * *", hours: 2), try window("0 2 * * *", hours: 2), try window("30 5 * * *", hours: 1),
      try window("0 7 * * *", hours: 1),
    ]
    #expect(windows.state(at: try date("2027-01-02T02:00:00Z")) == .open(until: try date("2027-01-02T06:30:00Z")))
    #expect(windows.state(at: try date("2027-01-02T06:30:00Z")) == .closed(until: try date("2027-01-02T07:00:00Z")))
  }

  @Test func openingsOfOneWindowThatTouchAreOne() throws {
    let windows = [try window("0 0 * * 1-5", hours: 24)]
    #expect(windows.state(at: try date("2027-01-06T12:00:00Z")) == .open(until: try date("2027-01-09T00:00:00Z")))
    #expect(windows.state(at: try date("2027-01-09T00:00:00Z")) == .closed(until: try date("2027-01-11T00:00:00Z")))
  }

  @Test func aShorterWindowWithinALongerOneDoesNotEndIt() throws {
    let windows = [try window("0 3 * * *", hours: 1), try window("0 2 * * *", hours: 6)]
    #expect(windows.state(at: try date("2027-01-02T03:30:00Z")) == .open(until: try date("2027-01-02T08:00:00Z")))
  }

  @Test func windowsWithoutEndAreOpenForAsLongAsIsLooked() throws {
    let now = try date("2027-01-02T02:00:30Z")
    for duration in [Duration.seconds(60), .seconds(8760 * 3600)] {
      let windows = [try MaintenanceWindow(schedule: "* * * * *", duration: duration)]
      #expect(windows.state(at: now) == .open(until: try date("2027-01-02T10:20:00Z")))
    }
  }

  private func window(_ schedule: String, hours: Int) throws -> MaintenanceWindow {
    try MaintenanceWindow(schedule: schedule, duration: .seconds(hours * 3600))
  }

  private func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }
}
