extension Duration {
  /// Milliseconds, at least one: to libcurl, zero means no limit.
  var wholeMilliseconds: Int {
    max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
  }
}
