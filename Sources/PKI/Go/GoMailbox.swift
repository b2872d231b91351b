/// A mailbox (RFC 2821, 4.1.2) among the names of a certificate, as Go's crypto/x509 parses it.
struct GoMailbox: Sendable, Hashable {
  let local: [UInt8]
  let domain: String

  /// Nil for text that Go does not take for a mailbox.
  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    guard let local = rest.first == UInt8(ascii: "\"") ? Self.quoted(&rest) : Self.atoms(&rest),
      rest.popFirst() == UInt8(ascii: "@")
    else { return nil }
    let domain = String(decoding: rest, as: UTF8.self)
    guard GoDomain.labels(domain) != nil else { return nil }
    self.local = local
    self.domain = domain
  }

  private static func quoted(_ text: inout ArraySlice<UInt8>) -> [UInt8]? {
    var local: [UInt8] = []
    _ = text.popFirst()
    while let octet = text.popFirst() {
      switch octet {
      case UInt8(ascii: "\""): return local
      case UInt8(ascii: "\\"):
        guard let quoted = text.popFirst(),
          (1...9).contains(quoted) || (11...12).contains(quoted) || (14...127).contains(quoted)
        else { return nil }
        local.append(quoted)
      case 1...8, 11, 12, 14...33, 35...91, 93...127: local.append(octet)
      default: return nil
      }
    }
    return nil
  }

  private static func atoms(_ text: inout ArraySlice<UInt8>) -> [UInt8]? {
    var local: [UInt8] = []
    while let octet = text.first {
      if octet == UInt8(ascii: "\\") {
        text.removeFirst()
        guard let quoted = text.popFirst() else { return nil }
        local.append(quoted)
      } else if isAtomText(octet) {
        local.append(octet)
        text.removeFirst()
      } else {
        break
      }
    }
    let parts = local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.allSatisfy { !$0.isEmpty } ? local : nil
  }

  private static func isAtomText(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: "!#$%&'*+-/=?^_`{|}~.".utf8.contains(octet)
    }
  }
}
