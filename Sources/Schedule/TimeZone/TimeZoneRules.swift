import Foundation

/// UTC offsets of a zone's wall clock at any time, read from the system's tzdata.
///
/// Foundation's `TimeZone` is not used: it has its own tables, which system updates do not reach.
public struct TimeZoneRules: Sendable, Hashable {
  /// A period with a constant offset.
  struct Period: Equatable {
    /// Seconds east of UTC.
    let offset: Int
    /// The first second after it, since 1970; `Int.max` if it does not end.
    let end: Int
  }

  /// Name in the tz database: `Europe/Berlin`.
  public let name: String
  private let transitions: [Int]
  private let offsets: [Int]
  private let initialOffset: Int
  private let footer: POSIXTimeZone?

  /// Allowed range of an offset, in seconds (RFC 9636, 3.2).
  static let offsets = -89_999...93_599

  private static let folder = "/usr/share/zoneinfo"

  /// Reads a zone from `/usr/share/zoneinfo`.
  /// - Parameter name: name in the tz database. Nil or empty means UTC, which needs no file.
  /// - Throws: `ScheduleError` if the name does not exist or its file is unusable.
  public init(named name: String?) throws(ScheduleError) {
    guard let name, !name.isEmpty, name != "UTC" else {
      self.init(name: "UTC", TZifFile())
      return
    }
    let path = "\(Self.folder)/\(name)"
    guard Self.isValid(name), let data = FileManager.default.contents(atPath: path) else {
      throw ScheduleError(
        .timeZone,
        "\(name.quoted) is not in \(Self.folder) (package tzdata); must be a name such as Europe/Berlin"
      )
    }
    try self.init(name: name, data: [UInt8](data))
  }

  /// - Parameter data: content of a TZif file.
  init(name: String, data: [UInt8]) throws(ScheduleError) {
    do {
      self.init(name: name, try TZifFile(data))
    } catch {
      throw ScheduleError(.timeZone, "the file of \(name.quoted) in \(Self.folder) is unusable: \(error.reason)")
    }
  }

  private init(name: String, _ file: TZifFile) {
    self.name = name
    transitions = file.transitions
    offsets = file.offsets
    initialOffset = file.initialOffset
    footer = file.footer
  }

  /// Letters, digits, `+`, `-` and `_` between slashes, so that no name refers to a file outside the folder.
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

  /// When the wall clock first shows a time; if it skips that time, the first later time. If a time occurs twice, the
  /// first.
  /// - Parameter localTime: in seconds since 1970 by the wall clock.
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

  /// The latest time that the wall clock has shown so far. After the clock was set back, this is later than what it
  /// shows.
  /// - Parameter time: in seconds since 1970.
  /// - Returns: seconds since 1970 by the wall clock.
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
  /// The index of the first element that satisfies the condition, if all later elements satisfy it too.
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
