/// Domain names as Go's crypto/x509 checks and compares them.
enum GoDomain {
  /// Whether a name or the base of a constraint is a domain name; an empty one is.
  static func isValid(_ name: String, isConstraint: Bool = false) -> Bool {
    guard !name.isEmpty else { return true }
    guard !name.hasSuffix(".") else { return false }
    let trimmed = isConstraint && name.hasPrefix(".") ? name.dropFirst() : name[...]
    return labels(String(trimmed)) != nil
  }

  /// The labels from the last one on; nil for a name with an empty label or with a character that is not printable.
  static func labels(_ name: String) -> [String]? {
    guard !name.isEmpty else { return [] }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false).reversed().map(String.init)
    return labels.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (33...126).contains($0) } } ? labels : nil
  }

  /// Whether a name is at or below the base of a constraint.
  ///
  /// - Parameter excludes: whether it is a constraint that excludes; then a wildcard matches what it may stand for.
  /// - Throws: ``GoRefusal`` if one of them is no domain name.
  static func matches(_ name: String, base: String, excludes: Bool) throws(GoRefusal) -> Bool {
    guard !base.isEmpty else { return true }
    let needsSubdomain = base.hasPrefix(".")
    guard var labels = labels(name), var baseLabels = Self.labels(needsSubdomain ? String(base.dropFirst()) : base)
    else {
      throw GoRefusal("\(name.debugDescription) is no domain name")
    }
    guard labels.count >= baseLabels.count, !(needsSubdomain && labels.count == baseLabels.count) else { return false }
    if excludes, name.hasPrefix("*"), labels.count > 1, !baseLabels.isEmpty {
      labels.removeLast()
      baseLabels.removeLast()
    }
    return zip(baseLabels, labels).allSatisfy { $0.lowercased() == $1.lowercased() }
  }

  /// Whether a certificate's DNS name covers a host, in Go's rules: a whole first label may be a wildcard, and what is
  /// no host name has to be equal.
  static func covers(_ pattern: String, host: String) -> Bool {
    let (pattern, host) = (lowercased(pattern), lowercased(host))
    guard isHostname(host, isPattern: false), isHostname(pattern, isPattern: true) else {
      return !["", "."].contains(pattern) && !["", "."].contains(host) && pattern == host
    }
    let patternLabels = pattern.split(separator: ".", omittingEmptySubsequences: false)
    let labels = trimmingDot(host).split(separator: ".", omittingEmptySubsequences: false)
    guard patternLabels.count == labels.count else { return false }
    return zip(patternLabels, labels).enumerated().allSatisfy { index, pair in
      index == 0 && pair.0 == "*" || pair.0 == pair.1
    }
  }

  private static func isHostname(_ name: String, isPattern: Bool) -> Bool {
    let name = isPattern ? name : trimmingDot(name)
    guard !name.isEmpty, name != "*" else { return false }
    return name.split(separator: ".", omittingEmptySubsequences: false).enumerated().allSatisfy { index, label in
      if isPattern, index == 0, label == "*" { return true }
      guard !label.isEmpty, !label.hasPrefix("-") else { return false }
      return label.utf8.allSatisfy { octet in
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
    }
  }

  private static func trimmingDot(_ name: String) -> String { name.hasSuffix(".") ? String(name.dropLast()) : name }

  /// ASCII letters in lower case.
  private static func lowercased(_ text: String) -> String {
    String(decoding: text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
