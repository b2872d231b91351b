extension POSIXTimeZone {
  /// Parses `CET-1CEST,M3.5.0,M10.5.0/3`; nil for anything else, including daylight saving time without a rule.
  init?(_ text: some Sequence<UInt8>) {
    var scanner = Scanner(rest: ArraySlice(text))
    guard scanner.takeName(), let west = scanner.takeTime(hours: 24) else { return nil }
    standardOffset = -west
    guard !scanner.rest.isEmpty else {
      daylight = nil
      return
    }
    guard scanner.takeName() else { return nil }
    var offset = standardOffset + 3600
    if scanner.rest.first != UInt8(ascii: ",") {
      guard let west = scanner.takeTime(hours: 24) else { return nil }
      offset = -west
    }
    guard let start = scanner.takeChange(), let end = scanner.takeChange(), scanner.rest.isEmpty else { return nil }
    daylight = Daylight(offset: offset, start: start, end: end)
  }

  private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    /// Letters, or alphanumeric characters and signs in angle brackets: `<+1030>`.
    mutating func takeName() -> Bool {
      let isQuoted = take("<")
      let name = rest.prefix { Self.isLetter($0) || (isQuoted && Self.isDigitOrSign($0)) }
      rest = rest.dropFirst(name.count)
      return name.count >= 3 && (!isQuoted || take(">"))
    }

    mutating func takeNumber(_ range: ClosedRange<Int>) -> Int? {
      let digits = rest.prefix { Self.isDigit($0) }
      guard (1...3).contains(digits.count) else { return nil }
      rest = rest.dropFirst(digits.count)
      let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
      return range.contains(number) ? number : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func takeTime(hours limit: Int) -> Int? {
      let sign = take("-") ? -1 : 1
      if sign == 1 { _ = take("+") }
      guard let hours = takeNumber(0...limit) else { return nil }
      var seconds = hours * 3600
      for unit in [60, 1] where take(":") {
        guard let number = takeNumber(0...59) else { return nil }
        seconds += number * unit
      }
      return sign * seconds
    }

    /// `,date[/time]`
    mutating func takeChange() -> Change? {
      guard take(","), let day = takeDay() else { return nil }
      guard take("/") else { return Change(day: day, time: 2 * 3600) }
      return takeTime(hours: 167).map { Change(day: day, time: $0) }
    }

    private mutating func takeDay() -> Change.Day? {
      if take("J") { return takeNumber(1...365).map(Change.Day.julian) }
      guard take("M") else { return takeNumber(0...365).map(Change.Day.ordinal) }
      guard let month = takeNumber(1...12), take("."), let week = takeNumber(1...5), take("."),
        let weekday = takeNumber(0...6)
      else { return nil }
      return .weekday(month: month, week: week, weekday: weekday)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }

    private static func isDigitOrSign(_ byte: UInt8) -> Bool {
      isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }
  }
}
