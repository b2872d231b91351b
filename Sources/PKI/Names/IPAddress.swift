import Foundation

/// An IPv4 or IPv6 address.
struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  /// 4 or 16 octets in network order.
  let octets: [UInt8]

  /// Parses a literal: dotted decimal with four numbers, or RFC 4291 without a zone; nil for anything else.
  init?(_ text: String) {
    guard !text.utf8.contains(0) else { return nil }
    let parsed = Self.parse(text, AF_INET, count: 4) ?? Self.parse(text, AF_INET6, count: 16)
    guard let parsed else { return nil }
    octets = parsed
  }

  /// From the content of an iPAddress SAN; nil unless it has 4 or 16 octets.
  init?(octets: [UInt8]) {
    guard octets.count == 4 || octets.count == 16 else { return nil }
    self.octets = octets
  }

  /// Dotted decimal or RFC 5952.
  var description: String {
    var text = [UInt8](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    text.withUnsafeMutableBytes { buffer in
      _ = inet_ntop(
        octets.count == 4 ? AF_INET : AF_INET6,
        octets,
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
        socklen_t(buffer.count)
      )
    }
    return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func parse(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
    var octets = [UInt8](repeating: 0, count: count)
    return inet_pton(family, text, &octets) == 1 ? octets : nil
  }
}
