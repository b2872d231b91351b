extension Duration {
  /// A number of hours.
  public static func hours(_ hours: Int) -> Duration { .seconds(hours * 3600) }

  /// The duration in whole seconds as Kubernetes writes it.
  var kubernetes: String {
    let seconds = components.seconds
    if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }

  /// The duration as a number of seconds, without fractions.
  var wholeSeconds: Double { Double(components.seconds) }

  /// Reads a duration in hours, minutes and whole seconds as Kubernetes writes them (Go's `time.ParseDuration`):
  /// `1h30m`.
  public init?(kubernetes text: String) {
    let units: [Character: Int] = ["h": 3600, "m": 60, "s": 1]
    var seconds = 0
    var digits = ""
    guard !text.isEmpty else { return nil }
    for character in text {
      if character.isASCII, character.isNumber {
        digits.append(character)
        continue
      }
      guard let unit = units[character], let count = Int(digits) else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: unit)
      let (sum, overflowing) = seconds.addingReportingOverflow(product)
      guard !overflow, !overflowing else { return nil }
      seconds = sum
      digits = ""
    }
    guard digits.isEmpty else { return nil }
    self = .seconds(seconds)
  }
}
