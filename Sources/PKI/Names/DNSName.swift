/// The rules for a DNS name in a certificate (RFC 5280, 4.2.1.6; RFC 1123, 2.1; RFC 6125, 6.4.3).
enum DNSName {
  /// Why a name is not valid in a certificate; nil if it is valid.
  ///
  /// Underscores are allowed: container host names have them, and Go and OpenSSL match them.
  static func objection(to name: String, allowingWildcard: Bool) -> String? {
    guard !name.isEmpty else { return "it is empty" }
    guard IPAddress(name) == nil else { return "it is an IP address" }
    guard name.utf8.count <= 253 else { return "it has over 253 characters" }
    var labels = name.split(separator: ".", omittingEmptySubsequences: false)
    if labels.first == "*" {
      guard allowingWildcard else { return "a wildcard is not allowed here" }
      guard labels.count > 2 else { return "a wildcard needs two labels after it, as in *.example.com" }
      labels.removeFirst()
    }
    return labels.lazy.compactMap(objection(toLabel:)).first
  }

  private static func objection(toLabel label: Substring) -> String? {
    guard !label.isEmpty else { return "it has an empty label" }
    guard label.utf8.count <= 63 else { return "it has a label of over 63 characters" }
    guard label.utf8.allSatisfy(isAllowed) else {
      return "labels have only the letters a to z, digits, hyphens and underscores (other scripts in their xn-- form)"
    }
    guard !label.hasPrefix("-"), !label.hasSuffix("-") else { return "a label begins or ends with a hyphen" }
    return nil
  }

  private static func isAllowed(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}
