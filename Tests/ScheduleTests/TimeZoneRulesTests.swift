import Foundation
import TestSupport
import Testing

@testable import Schedule

@Suite struct TimeZoneRulesTests {
  static let zones = [
    "Africa/Cairo", "Africa/Casablanca", "Africa/Monrovia", "America/Caracas", "America/New_York", "America/Nuuk",
    "America/Santiago", "America/St_Johns", "Antarctica/Troll", "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu",
    "Asia/Pyongyang", "Asia/Tehran", "Australia/Lord_Howe", "Etc/GMT+12", "Europe/Berlin", "Europe/Dublin",
    "Europe/Moscow",
    "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Norfolk", "UTC",
  ]

  @Test(arguments: zones)
  func offsetsAreThoseOfTheSystem(name: String) throws {
    let zone = try TimeZoneRules(named: name)
    var times: [Int] = []
    var time = 0
    // Both sides of every change up to 2100, and times in between and long after.
    while time < 4_102_444_800 {
      let end = zone.period(at: time).end
      times += end < .max ? [time, end - 1, end] : [time]
      time = min(end, time + 90 * 86_400)
    }
    var random = SeededGenerator(seed: 2)
    times += (0..<200).map { _ in .random(in: -4_000_000_000...16_725_225_600, using: &random) }
    #expect(try times.map { zone.period(at: $0).offset } == SystemClock.offsets(in: name, at: times))
  }

  @Test(arguments: [
    ("Europe/Berlin", "2027-03-28T00:59:59Z", 3600), ("Europe/Berlin", "2027-03-28T01:00:00Z", 7200),
    ("Europe/Berlin", "2027-10-31T00:59:59Z", 7200), ("Europe/Berlin", "2027-10-31T01:00:00Z", 3600),
    ("Europe/Berlin", "2060-06-30T12:00:00Z", 7200), ("America/New_York", "2027-03-14T07:00:00Z", -14_400),
    ("Australia/Lord_Howe", "2027-04-03T14:59:59Z", 39_600), ("Australia/Lord_Howe", "2027-04-03T15:00:00Z", 37_800),
    ("Asia/Kathmandu", "2027-01-01T00:00:00Z", 20_700), ("Pacific/Apia", "2011-12-30T09:59:59Z", -36_000),
    ("Pacific/Apia", "2011-12-30T10:00:00Z", 50_400), ("posix/Etc/GMT-14", "2027-01-01T00:00:00Z", 50_400),
  ])
  func knownOffset(name: String, time: String, offset: Int) throws {
    let seconds = Int(try Date(time, strategy: .iso8601).timeIntervalSince1970)
    #expect(try TimeZoneRules(named: name).period(at: seconds).offset == offset)
  }

  @Test func everyZoneOfTheSystemIsRead() throws {
    let folder = URL(filePath: "/usr/share/zoneinfo")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
    var count = 0
    for name in names where !name.hasPrefix("right/") && !name.hasPrefix("posix/") {
      let data = FileManager.default.contents(atPath: folder.appending(path: name).path(percentEncoded: false))
      guard let data, data.starts(with: Data("TZif".utf8)) else { continue }
      _ = try TimeZoneRules(named: name)
      count += 1
    }
    #expect(count > 300)
  }

  @Test(arguments: [nil, "", "UTC"])
  func noNameMeansUTC(name: String?) throws {
    let zone = try TimeZoneRules(named: name)
    #expect(zone.name == "UTC")
    #expect(zone.period(at: 1_800_000_000) == TimeZoneRules.Period(offset: 0, end: .max))
  }

  @Test(arguments: [
    "Europe/Atlantis", "europe/berlin", "Europe", "Local", "../zoneinfo/Europe/Berlin", "/etc/localtime",
    "Europe//Berlin",
    "Europe/Berlin/", "./UTC", "tzdata.zi", "Europe/Berlin\u{0}", "Europe/Bérlin", " Europe/Berlin", "Europe/%2e%2e",
  ])
  func refusesWhatIsNoName(name: String) {
    let error = #expect(throws: ScheduleError.self) { try TimeZoneRules(named: name) }
    #expect(error?.field == .timeZone)
    #expect(error?.problem.hasPrefix("\(name.quoted) is not in /usr/share/zoneinfo") == true)
    #expect(error?.problem.contains("such as Europe/Berlin") == true)
  }

  @Test func refusesAFileThatIsNoZoneOrCountsLeapSeconds() throws {
    for (data, reason) in [
      ([UInt8]("# tzdb data".utf8), "it is not a TZif file"), ([], "it is truncated"),
      (zoneFile(leapSeconds: 1), "it uses leap seconds"), (zoneFile(version: 0), "it has no 64-bit times"),
      (zoneFile(transitions: [(5, 0), (5, 0)]), "out of order"),
      (zoneFile(transitions: [(5, 1)]), "refers to a missing type"),
      (zoneFile(offset: 93_600), "between -25 and 26 hours"), (zoneFile(offset: .min), "between -25 and 26 hours"),
      (zoneFile(footer: "CET"), #"footer "CET" is not a valid rule"#), (zoneFile() + zoneFile().prefix(0), nil),
      (zoneFile().dropLast(), "it is truncated"), (zoneFile(typeCount: .max), "it is truncated"),
    ] as [([UInt8], String?)] {
      guard let reason else {
        #expect(try TimeZoneRules(name: "Own", data: data).period(at: 0).offset == 3600)
        continue
      }
      let error = #expect(throws: ScheduleError.self) { try TimeZoneRules(name: "Own", data: data) }
      #expect(error?.problem.contains(reason) == true, "\(error?.problem ?? "") instead of \(reason)")
    }
  }

  @Test func aZoneWithoutAFooterKeepsItsLastOffset() throws {
    let zone = try TimeZoneRules(name: "Own", data: zoneFile(transitions: [(100, 0)], footer: ""))
    #expect(zone.period(at: 1_000_000) == TimeZoneRules.Period(offset: 3600, end: .max))
  }

  @Test func aDamagedFileIsReadOrRefused() throws {
    var random = SeededGenerator(seed: 3)
    var refused = 0
    for name in ["Europe/Berlin", "America/Nuuk", "Etc/UTC"] {
      let original = [UInt8](try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)")))
      for length in 0..<original.count {
        #expect(throws: ScheduleError.self) { try TimeZoneRules(name: name, data: [UInt8](original.prefix(length))) }
      }
      for _ in 0..<2000 {
        var data = original
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          // The headers and the footer, where a byte does most, as often as all the rest.
          let end = [44, original.count].randomElement(using: &random) ?? 44
          let start = Bool.random(using: &random) ? max(0, end - 60) : 0
          data[.random(in: start..<end, using: &random)] =
            [0, 255, .random(in: 0...255, using: &random)].randomElement() ?? 0
        }
        guard let zone = try? TimeZoneRules(name: name, data: data) else {
          refused += 1
          continue
        }
        for time in [-4_000_000_000, 0, 1_800_000_000, 64_000_000_000] {
          #expect(zone.firstTime(atOrPast: zone.latestLocalTime(upTo: time)) <= time)
        }
      }
    }
    #expect(refused > 100)
  }

  /// A file with one type of local time.
  private func zoneFile(
    version: UInt8 = UInt8(ascii: "2"),
    transitions: [(time: Int64, type: UInt8)] = [],
    offset: Int32 = 3600,
    typeCount: UInt32 = 1,
    leapSeconds: UInt32 = 0,
    footer: String = "CET-1"
  ) -> [UInt8] {
    func header(_ counts: [UInt32]) -> [UInt8] {
      Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15) + counts.flatMap(bytes)
    }
    let data =
      transitions.flatMap { bytes($0.time) } + transitions.map(\.type) + bytes(offset) + [0, 0] + Array("CET\0".utf8)
      + [UInt8](repeating: 0, count: Int(leapSeconds) * 12)
    return header([0, 0, 0, 0, 0, 0]) + header([0, 0, leapSeconds, UInt32(transitions.count), typeCount, 4]) + data
      + Array("\n\(footer)\n".utf8)
  }

  private func bytes(_ integer: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: integer.bigEndian) { Array($0) }
  }
}
