import Foundation
import TestSupport
import Testing

@testable import Schedule

/// Openings and states against a scan that looks at every minute and knows nothing but the offsets of the zone.
@Suite struct MinuteScanTests {
  @Test(arguments: 0..<8)
  func openingsAreThoseOfAScan(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var found = 0
    for _ in 0..<12 {
      let schedule = RandomSchedule(using: &random)
      guard let window = try window(schedule, using: &random) else { continue }
      let scan = scan([(schedule, window)], using: &random)
      found += scan.openings.count
      for date in dates(scan, using: &random) {
        let next = scan.openings.first { Double($0) > date }
        guard let opening = window.opening(after: Date(timeIntervalSince1970: date)) else {
          Issue.record("no opening of \(schedule.text)")
          continue
        }
        #expect(
          next.map { opening.timeIntervalSince1970 == Double($0) } ?? (Int(opening.timeIntervalSince1970) > scan.end),
          "\(schedule.text) in \(window.timeZone.name) after \(date)"
        )
      }
    }
    #expect(found > 0)
  }

  @Test(arguments: 100..<108)
  func statesAreThoseOfAScan(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var open = 0
    for _ in 0..<8 {
      var windows: [(schedule: RandomSchedule, window: MaintenanceWindow)] = []
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let schedule = RandomSchedule(using: &random)
        if let window = try window(schedule, using: &random) { windows.append((schedule, window)) }
      }
      guard !windows.isEmpty else { continue }
      let scan = scan(windows, using: &random)
      for date in dates(scan, using: &random) {
        let state = windows.map(\.window).state(at: Date(timeIntervalSince1970: date))
        open += scan.isOpen(at: Int(date.rounded(.down))) ? 1 : 0
        check(state, scan, date, "\(windows.map(\.schedule.text)) at \(date)")
      }
    }
    #expect(open > 0)
  }

  private func check(_ state: MaintenanceState, _ scan: Scan, _ date: Double, _ comment: Comment) {
    let second = Int(date.rounded(.down))
    let isOpen = scan.isOpen(at: second)
    let change = scan.firstChange(after: second)
    switch state {
    case .open(let until):
      let until = Int(until.timeIntervalSince1970)
      // Of many windows in a row only the first are joined: a part of the whole is what is promised then.
      let isPart = until > second + 8 * 3600 && until < change ?? .max
      #expect(isOpen, comment)
      #expect(until == change || until > scan.end || isPart, comment)
    case .closed(let until):
      #expect(!isOpen, comment)
      let until = Int(until.timeIntervalSince1970)
      #expect(change.map { $0 == until } ?? (until > scan.end), comment)
    }
  }

  /// What minute after minute brought.
  private struct Scan {
    let start: Int
    let end: Int
    let changeOfClock: Int
    var openings: [Int] = []
    /// Whether a window is open in the minute of that index.
    var isOpen: [Bool] = []

    func isOpen(at time: Int) -> Bool { isOpen[(time - start) / 60] }

    func firstChange(after time: Int) -> Int? {
      let index = (time - start) / 60
      return isOpen[index...].firstIndex { $0 != isOpen[index] }.map { start + $0 * 60 }
    }
  }

  /// Every zone differs from UTC by whole minutes in the times that are scanned.
  private func scan(
    _ windows: [(schedule: RandomSchedule, window: MaintenanceWindow)],
    using random: inout SeededGenerator
  ) -> Scan {
    let change = changeOfClock(of: windows[0].window.timeZone, using: &random)
    let start = change - Int.random(in: 60...4000, using: &random) * 60
    let warmUp = 3 * 86_400
    var scan = Scan(start: start, end: start + 5 * 86_400, changeOfClock: change)
    scan.isOpen = Array(repeating: false, count: (scan.end - start) / 60 + 1)
    for (schedule, window) in windows {
      let length = Int(window.duration.components.seconds)
      var openUntil = Int.min
      var shown = start - warmUp - 60 + window.timeZone.period(at: start - warmUp - 60).offset
      for time in stride(from: start - warmUp, through: scan.end, by: 60) {
        let local = time + window.timeZone.period(at: time).offset
        let isOpening =
          local > shown && stride(from: shown + 60, through: local, by: 60).contains { isMatching(schedule, $0) }
        shown = max(shown, local)
        if isOpening { openUntil = time + length }
        guard time >= start else { continue }
        if isOpening { scan.openings.append(time) }
        if time < openUntil { scan.isOpen[(time - start) / 60] = true }
      }
    }
    return scan
  }

  private func isMatching(_ schedule: RandomSchedule, _ localTime: Int) -> Bool {
    let (days, seconds) = localTime.dividedDown(by: 86_400)
    let date = CivilDate(days: days)
    return schedule.isMatching(
      month: date.month,
      day: date.day,
      weekday: date.weekday,
      hour: seconds / 3600,
      minute: seconds / 60 % 60
    )
  }

  /// Nil for an expression that never comes.
  private func window(_ schedule: RandomSchedule, using random: inout SeededGenerator) throws -> MaintenanceWindow? {
    let zone = TimeZoneRulesTests.zones.filter { $0 != "Africa/Monrovia" }.randomElement(using: &random)
    let minutes =
      Bool.random(using: &random) ? Int.random(in: 1...10, using: &random) : .random(in: 1...2880, using: &random)
    do {
      return try MaintenanceWindow(schedule: schedule.text, duration: .seconds(minutes * 60), timeZone: zone)
    } catch {
      #expect(error.problem.contains("never occurs"), "\(schedule.text)")
      return nil
    }
  }

  /// A time when the zone's offset changes, or any time where it does not.
  private func changeOfClock(of zone: TimeZoneRules, using random: inout SeededGenerator) -> Int {
    let time = Int.random(in: 200_000_000...3_000_000_000, using: &random) / 60 * 60
    let end = zone.period(at: time).end
    // A file may end with a change to the same offset, at 2^31 - 1.
    return (end < 3_200_000_000 ? end : time) / 60 * 60
  }

  /// Of the days that were scanned, more of them around the change of the clock, and the openings and the moments
  /// before them.
  private func dates(_ scan: Scan, using random: inout SeededGenerator) -> [Double] {
    let days = Double(scan.start)..<Double(scan.end - 1)
    let anywhere = (0..<15).map { _ in Double.random(in: days, using: &random) }
    let edges = scan.openings.prefix(10).flatMap { [Double($0), Double($0) - 0.5] }.filter(days.contains)
    let hours = -3 * 3600.0..<3 * 3600
    let nearChange = (0..<8).map { _ in Double(scan.changeOfClock) + .random(in: hours, using: &random) }
    return anywhere + edges + nearChange.filter(days.contains)
  }
}
