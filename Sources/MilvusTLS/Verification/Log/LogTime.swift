import Foundation
import JSON

/// Parses times of Milvus and Kubernetes: `2024/12/03 10:22:33.123 +00:00`, `2024-12-03T10:22:33Z`.
enum LogTime {
  /// - Returns: nil for anything else.
  static func parse(_ text: String) -> Date? {
    var rest = Array(text.utf8)[...]
    guard let year = number(4, &rest), let dash = rest.popFirst(),
      dash == UInt8(ascii: "/") || dash == UInt8(ascii: "-"),
      let month = number(2, &rest), rest.popFirst() == dash, let day = number(2, &rest),
      let space = rest.popFirst(), space == UInt8(ascii: " ") || space == UInt8(ascii: "T"),
      let hour = number(2, &rest), rest.popFirst() == UInt8(ascii: ":"), let minute = number(2, &rest),
      rest.popFirst() == UInt8(ascii: ":"), let second = number(2, &rest),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    let fraction = fraction(&rest)
    if rest.first == UInt8(ascii: " ") { rest.removeFirst() }
    guard let fraction, let offset = offset(&rest), rest.isEmpty else { return nil }
    let seconds = days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
    return Date(timeIntervalSince1970: Double(seconds) + fraction)
  }

  /// A time in a JSON line: a text as above, or seconds since 1970, as zap writes it by default.
  static func parse(_ value: JSONValue) -> Date? {
    switch value {
    case .string(let text): parse(text)
    case .integer(let seconds): Date(timeIntervalSince1970: Double(seconds))
    case .double(let seconds): Date(timeIntervalSince1970: seconds)
    default: nil
    }
  }

  private static func number(_ digits: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
    guard rest.count >= digits else { return nil }
    var value = 0
    for _ in 0..<digits {
      guard let byte = rest.popFirst(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return value
  }

  private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Double? {
    guard rest.first == UInt8(ascii: ".") else { return 0 }
    rest.removeFirst()
    var value = 0.0
    var unit = 0.1
    while let digit = number(1, &rest) {
      value += Double(digit) * unit
      unit /= 10
      guard let next = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) else { return value }
    }
    return nil
  }

  /// Seconds east of UTC.
  private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int? {
    switch rest.popFirst() {
    case UInt8(ascii: "Z"): return 0
    case let sign? where sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"):
      guard let hours = number(2, &rest) else { return nil }
      if rest.first == UInt8(ascii: ":") { rest.removeFirst() }
      guard let minutes = number(2, &rest) else { return nil }
      return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    default: return nil
    }
  }

  /// Days since 1970-01-01 in the Gregorian calendar. Years start in March, so that the leap day is the last day.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month > 2 ? year : year - 1
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}
