extension Duration {
  /// Milliseconds, at least one: zero means "no limit" to libcurl.
  var wholeMilliseconds: Int {
    max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
  }
}
