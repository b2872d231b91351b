import Foundation

extension Date {
  /// Parses a time of RFC 3339, section 5.6: with any offset, with any number of decimals of a second, with `t` and `z`
  /// in either case, and with a leap second. Nil for all else, such as the 30th of February.
  ///
  /// Foundation's ISO 8601 strategy takes days that no month has, and ignores what follows the time.
  init?(rfc3339 text: String) {
    let form = /([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:)([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})/
    guard let (_, day, minute, second, fraction, offset) = text.wholeMatch(of: form)?.output,
      let offset = Self.seconds(ofOffset: offset)
    else { return nil }
    let isLeap = second == "60"
    let whole = "\(day)T\(minute)\(isLeap ? "59" : second)Z"
    guard let date = try? Date(whole, strategy: .iso8601), date.formatted(.iso8601) == whole else { return nil }
    let decimals = fraction.flatMap { TimeInterval("0\($0)") } ?? 0
    self = date + (isLeap ? 1 : 0) + decimals - offset
  }

  /// - Parameter text: `Z`, or hours and minutes with a sign.
  private static func seconds(ofOffset text: Substring) -> TimeInterval? {
    guard text.utf8.count == 6 else { return 0 }
    guard let hours = TimeInterval(text.dropFirst().prefix(2)), let minutes = TimeInterval(text.suffix(2)), hours < 24,
      minutes < 60
    else { return nil }
    return (text.hasPrefix("-") ? -60 : 60) * (hours * 60 + minutes)
  }
}
