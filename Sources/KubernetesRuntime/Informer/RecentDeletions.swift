/// At which versions objects were deleted, or ceased to be kept, in the last one to two minutes: longer than the answer to a write,
/// the latest news there can be of an object that is gone, is waited for.
struct RecentDeletions {
  private static let span = Duration.seconds(60)

  private var current: [ObjectKey: String] = [:]
  private var earlier: [ObjectKey: String] = [:]
  private var startOfCurrent = Duration.zero

  func version(of key: ObjectKey) -> String? {
    current[key] ?? earlier[key]
  }

  /// - Parameter version: nil where the object is there.
  mutating func note(_ key: ObjectKey, version: String?, at now: Duration) {
    if now - startOfCurrent >= Self.span {
      earlier = now - startOfCurrent >= Self.span * 2 ? [:] : current
      current = [:]
      startOfCurrent = now
    }
    current[key] = version
    if version == nil { earlier[key] = nil }
  }
}
