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
    if kind == .uri, !(GoURI(text).map { GoDomain.isValid($0.host) } ?? false) {
      throw GoRefusal("has a URI among its names that Go cannot parse (\(text.debugDescription))")
    }
  }
}
