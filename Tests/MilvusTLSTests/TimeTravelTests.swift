import Foundation
import JSON
import Testing

@testable import MilvusTLS

/// Decades in which nobody does anything but the operator.
@Suite struct TimeTravelTests {
  private static let day = 86400.0
  private static let year = 365.25 * day
  /// Leaves of a season under authorities of a year.
  private static let shortLived: JSONValue = ["certificate": ["duration": "2160h"], "authority": ["duration": "8760h"]]

  private func fleet(_ spec: JSONValue = [:]) throws -> Fleet {
    try Fleet(spec.merging(["external": ["mode": "TwoWay"], "internal": ["enabled": true]]))
  }

  private func travel(_ years: Double, _ spec: JSONValue = [:]) throws -> Fleet {
    var fleet = try fleet(spec)
    try fleet.wait(until: World.now + years * Self.year)
    return fleet
  }

  private func expectGood(_ fleet: Fleet, _ what: String, rollouts: ClosedRange<Int>, issued: ClosedRange<Int>) {
    print("\(what): \(fleet.rollouts) restarts, \(fleet.issued) certificates issued")
    #expect(fleet.faults.isEmpty, "\(fleet.faults.count): \(fleet.faults.prefix(3))")
    #expect(rollouts.contains(fleet.rollouts))
    #expect(issued.contains(fleet.issued))
    #expect(fleet.world.condition("Verified")?[0] == "True")
    #expect(fleet.world.condition("Ready")?[0] == "True")
  }

  /// The documentation has the number of restarts.
  @Test func thirtyYearsWithDefaults() throws {
    let fleet = try travel(30)
    // The first one configures TLS; renewals are spread, so their number is not always the same.
    expectGood(fleet, "30 years with defaults", rollouts: 50...58, issued: 90...106)
  }

  @Test func shortLifetimes() throws {
    let fleet = try travel(2, Self.shortLived)
    expectGood(fleet, "2 years of 90 days and 1 year", rollouts: 16...24, issued: 27...48)
  }

  @Test func noOverlap() throws {
    let fleet = try travel(2, Self.shortLived.merging(["authority": ["overlap": "0s"]]))
    expectGood(fleet, "2 years without overlap", rollouts: 16...24, issued: 27...48)
  }

  @Test func windowsAreKeptForYears() throws {
    let windows: JSONValue = [["schedule": "0 2 * * 6", "duration": "4h", "timeZone": "Europe/Berlin"]]
    let fleet = try travel(2, Self.shortLived.merging(["rotation": ["windows": windows]]))
    expectGood(fleet, "2 years of Saturday nights", rollouts: 16...24, issued: 27...48)
    var berlin = Calendar(identifier: .gregorian)
    berlin.timeZone = try #require(TimeZone(identifier: "Europe/Berlin"))
    for time in fleet.rolloutTimes.dropFirst() {
      let parts = berlin.dateComponents([.weekday, .hour], from: time)
      // At the end of March the night of Saturday is not the one that the clock changes in.
      #expect(parts.weekday == 7 && (2..<6).contains(parts.hour ?? 0), "\(time)")
    }
  }

  // MARK: Interruptions

  /// Pods that may not be restarted run with what they have loaded; whatever was issued meanwhile fits it.
  @Test(arguments: [2, 8, 20])
  func aMilvusThatIsPausedForMonths(months: Double) throws {
    var fleet = try fleet(Self.shortLived)
    fleet.checks = .trust
    try fleet.hold(true)
    try fleet.wait(until: World.now + months * 30 * Self.day)
    let pausedRollouts = fleet.rollouts
    try fleet.hold(false)
    try fleet.wait(until: fleet.now + 60 * Self.day)
    #expect(fleet.rollouts <= pausedRollouts + 4, "nothing is made up for twice")
    let most = Int(months) + 8
    expectGood(fleet, "paused for \(Int(months)) months", rollouts: 2...most, issued: 3...(2 * most))
  }

  @Test func aYearInWhichTheOperatorSleeps() throws {
    var fleet = try fleet(Self.shortLived)
    fleet.world.observation.now += 1.1 * Self.year
    fleet.checks = .nothing
    try fleet.reconcile()
    fleet.readAnew()
    try fleet.roll()
    let rollouts = fleet.rollouts
    try fleet.wait(until: fleet.now + 30 * Self.day)
    #expect(fleet.rollouts == rollouts, "all is new")
    #expect(Set(fleet.trusted).count == 1)
    expectGood(fleet, "a year of sleep", rollouts: 2...3, issued: 6...8)
  }

  @Test(arguments: [-1.0, 1])
  func aClockThatIsSetByADayNowAndThen(days: Double) throws {
    var fleet = try fleet(Self.shortLived)
    for jump in 1...10 {
      try fleet.wait(until: fleet.now + 40.3 * Self.day)
      // What was issued within a day before is not valid until it is issued again.
      if days < 0 { fleet.checks = .nothing }
      fleet.world.observation.now += days * Self.day
      try fleet.reconcile()
      if days < 0 { fleet.readAnew() }
      try fleet.roll()
      #expect(fleet.faults.isEmpty, "jump \(jump)")
    }
    expectGood(fleet, "\(days) days now and then", rollouts: 7...25, issued: 14...48)
  }
}
