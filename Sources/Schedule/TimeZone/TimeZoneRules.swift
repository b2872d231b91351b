import Foundation

/// How far a zone's wall clock is from UTC at any time, read from the system's tzdata.
///
/// Foundation's `TimeZone` carries tables of its own, which the system's updates do not reach.
public struct TimeZoneRules: Sendable, Hashable {
  /// A time during which the offset stays the same.
  struct Period: Equatable {
    /// Seconds east of UTC.
    let offset: Int
    /// The first second after it, since 1970; `Int.max` where it does not end.
    let end: Int
  }

  /// As in the tz database: `Europe/Berlin`.
  public let name: String
  private let transitions: [Int]
  private let offsets: [Int]
  private let initialOffset: Int
  private let footer: POSIXTimeZone?

  /// What an offset may be, in seconds (RFC 9636, 3.2).
  static let offsets = -89_999...93_599

  private static let folder = "/usr/share/zoneinfo"

  /// Reads a zone from `/usr/share/zoneinfo`.
  /// - Parameter name: of the tz database; UTC, which needs no file, where it is nil or empty.
  /// - Throws: `ScheduleError` for a name that is not there, and for a file that cannot be read.
  public init(named name: String?) throws(ScheduleError) {
    guard let name, !name.isEmpty, name != "UTC" else {
      self.init(name: "UTC", TZifFile())
      return
    }
    let path = "\(Self.folder)/\(name)"
    guard Self.isValid(name), let data = FileManager.default.contents(atPath: path) else {
      throw ScheduleError(
        .timeZone,
        "\(name.quoted) is not in \(Self.folder) (package tzdata); allowed are its names, such as Europe/Berlin"
      )
    }
    try self.init(name: name, data: [UInt8](data))
  }

  /// - Parameter data: a TZif file.
  init(name: String, data: [UInt8]) throws(ScheduleError) {
    do {
      self.init(name: name, try TZifFile(data))
    } catch {
      throw ScheduleError(.timeZone, "the file of \(name.quoted) in \(Self.folder) cannot be used: \(error.reason)")
    }
  }

  private init(name: String, _ file: TZifFile) {
    self.name = name
    transitions = file.transitions
    offsets = file.offsets
    initialOffset = file.initialOffset
    footer = file.footer
  }

  /// Letters, digits, `+`, `-` and `_` between slashes, so that no name leads out of the folder.
  private static func isValid(_ name: String) -> Bool {
    name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty
        && part.allSatisfy { byte in
          switch Unicode.Scalar(byte) {
          case "a"..."z", "A"..."Z", "0"..."9", "+", "-", "_": true
          default: false
          }
        }
    }
  }

  /// - Parameter time: in seconds since 1970.
  func period(at time: Int) -> Period {
    let index = transitions.partitioningIndex { $0 > time }
    if index < transitions.count {
      return Period(offset: index == 0 ? initialOffset : offsets[index - 1], end: transitions[index])
    }
    return footer?.period(at: time) ?? Period(offset: offsets.last ?? initialOffset, end: .max)
  }

  /// When the wall clock first shows a time or, where it jumps past it, a later one. Of a time that comes twice it is the first.
  /// - Parameter localTime: in seconds since 1970 of the wall clock.
  /// - Returns: seconds since 1970.
  func firstTime(atOrPast localTime: Int) -> Int {
    var start = localTime - Self.offsets.upperBound
    while true {
      let period = period(at: start)
      let time = max(start, localTime - period.offset)
      if time < period.end { return time }
      start = period.end
    }
  }

  /// The latest time that the wall clock has shown up to now; later than what it shows after it was set back.
  /// - Parameter time: in seconds since 1970.
  /// - Returns: seconds since 1970 of the wall clock.
  func latestLocalTime(upTo time: Int) -> Int {
    var latest = Int.min
    var start = time - (Self.offsets.upperBound - Self.offsets.lowerBound)
    while start <= time {
      let period = period(at: start)
      latest = max(latest, min(period.end - 1, time) + period.offset)
      start = period.end
    }
    return latest
  }
}

extension Array {
  /// The index of the first element for which the condition holds, where it holds for all that follow.
  fileprivate func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
