/// The values that one field of a cron expression allows, all below 64.
struct CronSet: Sendable, Hashable {
  private(set) var bits: UInt64 = 0
  /// False for `*` and `?`. Only if both day fields are restricted are they alternatives.
  var isRestricted = true

  mutating func insert(_ value: Int) { bits |= 1 << UInt64(value) }

  func contains(_ value: Int) -> Bool { bits & (1 << UInt64(value)) != 0 }

  /// The smallest value from `value` on; nil if there is none.
  func next(from value: Int) -> Int? {
    let rest = bits >> UInt64(value)
    return rest == 0 ? nil : value + rest.trailingZeroBitCount
  }

  mutating func formUnion(_ other: CronSet) {
    bits |= other.bits
    isRestricted = isRestricted && other.isRestricted
  }
}
