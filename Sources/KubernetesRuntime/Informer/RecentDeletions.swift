/// The versions at which objects were deleted or dropped in the last one to two minutes. That is longer than the
/// timeout of a write, whose answer is the latest state of a deleted object that can still arrive.
struct RecentDeletions {
  private static let span = Duration.seconds(60)

  private var current: [ObjectKey: String] = [:]
  private var earlier: [ObjectKey: String] = [:]
  private var startOfCurrent = Duration.zero

  func version(of key: ObjectKey) -> String? {
    current[key] ?? earlier[key]
  }

  /// Forgets the deletions of a namespace; nil for all.
  mutating func forget(in namespace: String?) {
    guard let namespace else {
      (current, earlier) = ([:], [:])
      return
    }
    current = current.filter { $0.key.namespace != namespace }
    earlier = earlier.filter { $0.key.namespace != namespace }
  }

  /// - Parameter version: nil if the object exists.
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
