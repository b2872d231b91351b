import Foundation

/// A URI among the names of a certificate, as Go's net/url parses it.
struct GoURI {
  /// The host with its port, percent-encoding decoded; empty where there is none.
  let host: String

  /// Nil for ASCII text that Go refuses.
  init?(_ text: String) {
    var rest = text.utf8[...].prefix { $0 != UInt8(ascii: "#") }
    let fragment = text.utf8[rest.endIndex...]
    guard rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), Self.isEscaped(fragment) else { return nil }
    let scheme = Self.scheme(rest)
    let hasScheme = scheme != nil
    if let scheme {
      guard !scheme.isEmpty else { return nil }
      rest = rest[scheme.endIndex...].dropFirst()
    }
    rest = rest.prefix { $0 != UInt8(ascii: "?") }
    guard rest.first == UInt8(ascii: "/") else {
      // What follows a scheme without a slash is not looked into.
      let isFine = hasScheme || !rest.prefix { $0 != UInt8(ascii: "/") }.contains(UInt8(ascii: ":"))
      guard isFine, hasScheme || Self.isEscaped(rest) else { return nil }
      host = ""
      return
    }
    guard rest.starts(with: "//".utf8), hasScheme || !rest.starts(with: "///".utf8) else {
      guard Self.isEscaped(rest) else { return nil }
      host = ""
      return
    }
    let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
    guard Self.isEscaped(rest[authority.endIndex...]), let host = Self.host(ofAuthority: authority) else { return nil }
    self.host = host
  }

  private typealias Text = Substring.UTF8View

  /// What stands before the first colon; empty where nothing does, nil where it is no scheme.
  private static func scheme(_ text: Text) -> Text? {
    let scheme = text.prefix { isAlphanumeric($0) || "+-.".utf8.contains($0) }
    guard scheme.endIndex < text.endIndex, text[scheme.endIndex] == UInt8(ascii: ":") else { return nil }
    return scheme.first.map { isAlphanumeric($0) && !(0x30...0x39).contains($0) } ?? true ? scheme : nil
  }

  private static func host(ofAuthority authority: Text) -> String? {
    guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return host(authority) }
    let user = authority[..<at]
    let isUser = user.allSatisfy { isAlphanumeric($0) || "-._:~!$&'()*+,;=%@".utf8.contains($0) }
    // A password is decoded by itself.
    let parts = user.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    guard isUser, parts.allSatisfy(isEscaped) else { return nil }
    return host(authority[at...].dropFirst())
  }

  private static func host(_ text: Text) -> String? {
    guard let bracket = text.lastIndex(of: UInt8(ascii: "[")) else {
      let port = text.lastIndex(of: UInt8(ascii: ":")).map { text[$0...] } ?? text[text.endIndex...]
      return isPort(port) ? decodedHost(text) : nil
    }
    guard let end = text.lastIndex(of: UInt8(ascii: "]")), end > bracket, isPort(text[end...].dropFirst()) else {
      return nil
    }
    let literal = text[bracket..<end].dropFirst()
    let zone = Array(literal).firstRange(of: Array("%25".utf8)).map { literal.dropFirst($0.lowerBound) }
    guard let address = decodedHost(literal.dropLast(zone?.count ?? 0)), IPAddress(address)?.octets.count == 16,
      let decodedZone = decodedHost(zone ?? literal[literal.endIndex...], isZone: true), decodedZone != "%"
    else { return nil }
    return "[" + address + decodedZone + "]" + String(decoding: text[end...].dropFirst(), as: UTF8.self)
  }

  private static func isPort(_ text: Text) -> Bool {
    text.isEmpty || text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  /// A host may encode octets outside ASCII alone, and the zone of an address those that a host may have, and spaces.
  private static func decodedHost(_ text: Text, isZone: Bool = false) -> String? {
    var decoded: [UInt8] = []
    var rest = text
    while let octet = rest.popFirst() {
      guard octet == UInt8(ascii: "%") else {
        guard octet >= 0x80 || isHost(octet) else { return nil }
        decoded.append(octet)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, digits.utf8.allSatisfy({ isxdigit(Int32($0)) != 0 }),
        let value = UInt8(digits, radix: 16)
      else { return nil }
      let isAllowed = isZone ? value == 0x20 || value >= 0x80 || isHost(value) : value >= 0x80
      guard digits == "25" || isAllowed else { return nil }
      decoded.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// Whether every percent sign begins an encoded octet.
  private static func isEscaped(_ text: Text) -> Bool {
    let parts = text.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false).dropFirst()
    return parts.allSatisfy { $0.count >= 2 && $0.prefix(2).allSatisfy { isxdigit(Int32($0)) != 0 } }
  }

  private static func isHost(_ octet: UInt8) -> Bool {
    isAlphanumeric(octet) || "!$&'()*+,;=:[]<>\"-_.~".utf8.contains(octet)
  }

  private static func isAlphanumeric(_ octet: UInt8) -> Bool { octet < 0x80 && isalnum(Int32(octet)) != 0 }
}
