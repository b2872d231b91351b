import Foundation

/// A name of a subject alternative name extension, of a type that Go looks at.
struct GoName: Sendable, Hashable {
  /// The number of the type in a GeneralName (RFC 5280, 4.2.1.6).
  enum Kind: UInt8, Sendable {
    case email = 1
    case dns = 2
    case uri = 6
    case address = 7
  }

  let kind: Kind
  let octets: [UInt8]

  /// The octets as text, except for an address.
  var text: String { String(decoding: octets, as: UTF8.self) }

  /// Reads the extension.
  static func read(_ value: DERReader) throws(GoRefusal) -> [GoName] {
    var value = value
    var elements = try value.read(Tag.sequence, "subject alternative names")
    var names: [GoName] = []
    while !elements.isEmpty {
      let element = try elements.element("subject alternative names")
      guard let kind = Kind(rawValue: element.tag ^ 0x80) else { continue }
      let name = GoName(kind: kind, octets: Array(element.content))
      try name.check()
      names.append(name)
    }
    return names
  }

  private func check() throws(GoRefusal) {
    guard kind != .address else {
      guard octets.count == 4 || octets.count == 16 else {
        throw GoRefusal("has an IP address of \(octets.count) octets among its names: it needs 4 or 16")
      }
      return
    }
    guard octets.allSatisfy({ $0 < 0x80 }) else {
      throw GoRefusal(
        "has a name with letters outside ASCII (\(text.debugDescription)): write international names as xn--..."
      )
    }
    if kind == .uri, !GoURI.isValid(text) {
      throw GoRefusal("has a URI among its names that Go cannot parse (\(text.debugDescription))")
    }
  }
}

/// URIs among the names of a certificate.
enum GoURI {
  /// Whether Go parses a URI and its host is a domain name. Covers what authorities write; see docs/verification.md.
  static func isValid(_ text: String) -> Bool {
    let octets = Array(text.utf8)
    guard octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), !text.hasPrefix(":") else { return false }
    for (index, octet) in octets.enumerated() where octet == UInt8(ascii: "%") {
      guard octets.count > index + 2, octets[index + 1...index + 2].allSatisfy({ isxdigit(Int32($0)) != 0 }) else {
        return false
      }
    }
    guard let host = host(text) else { return true }
    return !host.contains(" ") && (host.hasPrefix("[") || GoDomain.isValid(host))
  }

  /// The host and port of a URI; nil where it has no authority.
  static func host(_ text: String) -> String? {
    guard let colon = text.range(of: "://") ?? (text.hasPrefix("//") ? text.range(of: "//") : nil) else { return nil }
    let authority = text[colon.upperBound...].prefix { !"/?#".contains($0) }
    return String(authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
  }
}
