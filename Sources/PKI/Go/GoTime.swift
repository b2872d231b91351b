import Foundation

/// Times of a certificate as Go reads them: with seconds, in UTCTime also without, in UTC or with an offset.
enum GoTime {
  static func read(_ reader: inout DERReader) throws(GoRefusal) -> Date {
    let element = try reader.element("validity")
    let text = element.content
    let date =
      switch element.tag {
      case Tag.utcTime: date(text, yearDigits: 2, hasSeconds: true) ?? date(text, yearDigits: 2, hasSeconds: false)
      case Tag.generalizedTime: date(text, yearDigits: 4, hasSeconds: true)
      default: Date?.none
      }
    guard let date else { throw GoRefusal("has a malformed date in its validity") }
    return date
  }

  private static func date(_ text: ArraySlice<UInt8>, yearDigits: Int, hasSeconds: Bool) -> Date? {
    var rest = text
    func number(_ digits: Int) -> Int? {
      let taken = rest.prefix(digits)
      guard taken.count == digits, taken.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      rest = rest.dropFirst(digits)
      return taken.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    guard let written = number(yearDigits), let month = number(2), let day = number(2), let hour = number(2),
      let minute = number(2), let second = hasSeconds ? number(2) : 0, let offset = offset(rest)
    else { return nil }
    // RFC 5280, 4.1.2.5.1
    let year = yearDigits == 4 ? written : written + (written < 50 ? 2000 : 1900)
    guard (1...12).contains(month), (1...days(in: month, of: year)).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    let days = days(from: year, month, day)
    return Date(timeIntervalSince1970: TimeInterval(((days * 24 + hour) * 60 + minute) * 60 + second - offset))
  }

  /// Seconds east of UTC: `Z` or `+0130`. An offset of zero is written `Z`.
  private static func offset(_ text: ArraySlice<UInt8>) -> Int? {
    if text.elementsEqual("Z".utf8) { return 0 }
    guard text.count == 5, let sign = text.first, "+-".utf8.contains(sign),
      text.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let digits = text.dropFirst().map { Int($0 - 0x30) }
    let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
    guard hours <= 24, minutes < 60, hours + minutes > 0 else { return nil }
    return (hours * 60 + minutes) * 60 * (sign == UInt8(ascii: "-") ? -1 : 1)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// Days since 1970-01-01 in the Gregorian calendar: years are counted from March, so that the leap day ends one.
  private static func days(from year: Int, _ month: Int, _ day: Int) -> Int {
    let years = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear - 719_468
  }
}
