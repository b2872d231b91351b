/// Address of a pod, from the loopback range 127.0.0.0/8.
struct PodAddress: Sendable, Hashable, CustomStringConvertible {
  let octets: [UInt8]

  /// A random address outside 127.0.0.0/16 that does not end in 0 or 255.
  static func random() -> PodAddress {
    PodAddress(octets: [127, .random(in: 1...254), .random(in: 0...255), .random(in: 1...254)])
  }

  /// The address as a number, first octet highest.
  var number: UInt32 { octets.reduce(0) { $0 << 8 | UInt32($1) } }

  /// Dotted decimal.
  var description: String { octets.map(String.init).joined(separator: ".") }
}
