import Foundation

/// An IPv4 or IPv6 address.
struct NetworkAddress: Equatable {
  /// 4 or 16 bytes in network order.
  let bytes: [UInt8]

  init?(_ text: String) {
    guard let bytes = Self.parse(text, family: AF_INET, count: 4) ?? Self.parse(text, family: AF_INET6, count: 16)
    else {
      return nil
    }
    // An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) is the same address.
    let prefix: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]
    self.bytes = bytes.starts(with: prefix) && bytes.count == 16 ? Array(bytes[12...]) : bytes
  }

  var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }

  private static func parse(_ text: String, family: Int32, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }
}

/// A range of addresses, for example `10.0.0.0/8`.
struct NetworkRange {
  private let start: NetworkAddress
  private let bits: Int

  init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let start = NetworkAddress(String(parts[0])), let bits = Int(parts[1]),
      (0...start.bytes.count * 8).contains(bits)
    else { return nil }
    self.start = start
    self.bits = bits
  }

  func contains(_ address: NetworkAddress) -> Bool {
    guard address.bytes.count == start.bytes.count else { return false }
    return (0..<bits).allSatisfy { bit in
      let mask = UInt8(0x80) >> UInt8(bit % 8)
      return address.bytes[bit / 8] & mask == start.bytes[bit / 8] & mask
    }
  }
}
