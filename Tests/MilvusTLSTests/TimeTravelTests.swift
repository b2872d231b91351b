import Foundation
import JSON
import Testing

@testable import MilvusTLS

/// Decades in which nobody does anything but the operator.
@Suite struct TimeTravelTests {
  private static let year = 365.25 * 86400

  private func travel(_ years: Double, _ spec: JSONValue = [:]) throws -> Fleet {
    var fleet = try Fleet(spec.merging(["external": ["mode": "TwoWay"], "internal": ["enabled": true]]))
    try fleet.wait(until: World.now + years * Self.year)
    return fleet
  }

  private func report(_ fleet: Fleet, _ what: String, rollouts: ClosedRange<Int>, issued: ClosedRange<Int>) {
    #expect(fleet.faults.isEmpty, "\(fleet.faults.count): \(fleet.faults.prefix(5))")
    print("\(what): \(fleet.rollouts) rollouts, \(fleet.issued) certificates issued")
    #expect(rollouts.contains(fleet.rollouts))
    #expect(issued.contains(fleet.issued))
    #expect(fleet.world.condition("Verified")?[0] == "True")
  }

  @Test func thirtyYearsWithDefaults() throws {
    let fleet = try travel(30)
    report(fleet, "30 years with defaults", rollouts: 40...70, issued: 80...140)
  }
}
