/// Serial number of a certificate: positive, at most 20 octets (RFC 5280, 4.1.2.2).
public struct SerialNumber: Sendable, Hashable, CustomStringConvertible {
  private static let longest = 20

  /// Big-endian, without leading zeros.
  let octets: [UInt8]

  /// Reads hexadecimal digits in either case, as in the file `ca.srl` of `openssl x509 -CAserial`.
  /// - Returns: nil for other text, zero, or a number of over 159 bits.
  public init?(hexadecimal text: String) {
    let digits = text.map(\.hexDigitValue)
    guard !digits.isEmpty, digits.count <= 2 * Self.longest else { return nil }
    let padded = digits.count.isMultiple(of: 2) ? digits : [0] + digits
    var octets: [UInt8] = []
    for index in stride(from: 0, to: padded.count, by: 2) {
      guard let high = padded[index], let low = padded[index + 1] else { return nil }
      octets.append(UInt8(high << 4 | low))
    }
    self.init(octets: octets)
  }

  private init?(octets: [UInt8]) {
    let significant = Array(octets.drop { $0 == 0 })
    // A leading 1 bit needs one more octet in DER.
    let length = significant.count + ((significant.first ?? 0) >= 0x80 ? 1 : 0)
    guard !significant.isEmpty, length <= Self.longest else { return nil }
    self.octets = significant
  }

  /// The number that follows; nil after the largest.
  public var next: SerialNumber? {
    var octets = [0] + octets
    for index in octets.indices.reversed() {
      octets[index] &+= 1
      if octets[index] != 0 { break }
    }
    return SerialNumber(octets: octets)
  }

  /// Upper-case hexadecimal, two digits an octet, as `openssl` writes it into `ca.srl`.
  public var description: String { octets.hexadecimal.uppercased() }
}
