extension String {
  /// The text cut to what fits a message: users can write any length into a field.
  /// - Parameter length: in characters.
  func shortened(to length: Int = 64) -> String { count > length ? prefix(length) + "…" : self }

  /// The text in quotes, cut, with control characters escaped, so that it cannot begin a new log line.
  var quoted: String { String(reflecting: shortened()) }
}
