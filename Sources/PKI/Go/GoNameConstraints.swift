/// The name constraints of a CA certificate (RFC 5280, 4.2.1.10), as Go's crypto/x509 reads and applies them: to all
/// names of every certificate below, not only to the one in use.
struct GoNameConstraints: Sendable, Hashable {
  private struct Subtree: Sendable, Hashable {
    let kind: GoName.Kind
    let octets: [UInt8]

    var text: String { String(decoding: octets, as: UTF8.self) }
  }

  private let permitted: [Subtree]
  private let excluded: [Subtree]
  /// Whether it has constraints of a type that Go does not know, such as directory names.
  let hasUnhandled: Bool

  /// Reads the extension.
  init(_ value: DERReader) throws(GoRefusal) {
    let part = "name constraints"
    var value = value
    var fields = try value.read(Tag.sequence, part)
    let permitted = try fields.readOptional(Tag.constructed(0), part)
    let excluded = try fields.readOptional(Tag.constructed(1), part)
    guard value.isEmpty, fields.isEmpty, permitted?.isEmpty == false || excluded?.isEmpty == false else {
      throw GoRefusal("has empty or malformed name constraints")
    }
    var hasUnhandled = false
    self.permitted = try Self.subtrees(permitted, &hasUnhandled)
    self.excluded = try Self.subtrees(excluded, &hasUnhandled)
    self.hasUnhandled = hasUnhandled
  }

  /// Checks the names of a certificate below.
  ///
  /// - Throws: ``GoRefusal`` about that certificate, with the name that is not allowed.
  func check(_ names: [GoName]) throws(GoRefusal) {
    for name in names { try check(name) }
  }

  private func check(_ name: GoName) throws(GoRefusal) {
    let text = name.kind == .address ? IPAddress(octets: name.octets)?.description ?? "" : name.text
    let isWellFormed =
      switch name.kind {
      case .email: GoMailbox(text) != nil
      case .dns: GoDomain.isValid(text)
      case .uri, .address: true
      }
    guard isWellFormed else { throw GoRefusal("has the name \(text.debugDescription), which is malformed") }
    for subtree in excluded where subtree.kind == name.kind {
      guard try !Self.matches(name, subtree, excludes: true) else {
        throw GoRefusal("has the name \(text), which the name constraints of its CA exclude")
      }
    }
    let allowed = permitted.filter { $0.kind == name.kind }
    guard !allowed.isEmpty else { return }
    for subtree in allowed where try Self.matches(name, subtree, excludes: false) { return }
    throw GoRefusal("has the name \(text), which the name constraints of its CA do not permit")
  }

  private static func matches(_ name: GoName, _ subtree: Subtree, excludes: Bool) throws(GoRefusal) -> Bool {
    switch name.kind {
    case .dns: return try GoDomain.matches(name.text, base: subtree.text, excludes: excludes)
    case .address:
      let (base, mask) = (
        subtree.octets.prefix(subtree.octets.count / 2), subtree.octets.suffix(subtree.octets.count / 2)
      )
      guard base.count == name.octets.count else { return false }
      return zip(zip(name.octets, base), mask).allSatisfy { ($0.0 ^ $0.1) & $1 == 0 }
    case .email:
      guard let mailbox = GoMailbox(name.text) else { return false }
      guard let exact = GoMailbox(subtree.text) else {
        return try GoDomain.matches(mailbox.domain, base: subtree.text, excludes: excludes)
      }
      return mailbox.local == exact.local && mailbox.domain.lowercased() == exact.domain.lowercased()
    case .uri:
      // `host:port`; an address of IPv6 has more colons.
      let parts = (GoURI(name.text)?.host ?? "").split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2, let host = parts.first.map(String.init), !host.isEmpty, IPAddress(host) == nil else {
        throw GoRefusal("has the URI \(name.text), whose host the name constraints of its CA cannot judge")
      }
      return try GoDomain.matches(host, base: subtree.text, excludes: excludes)
    }
  }

  private static func subtrees(_ content: DERReader?, _ hasUnhandled: inout Bool) throws(GoRefusal) -> [Subtree] {
    guard var content else { return [] }
    var subtrees: [Subtree] = []
    while !content.isEmpty {
      var subtree = try content.read(Tag.sequence, "name constraints")
      let base = try subtree.element("name constraints")
      guard let kind = GoName.Kind(rawValue: base.tag ^ 0x80) else {
        hasUnhandled = true
        continue
      }
      let read = Subtree(kind: kind, octets: Array(base.content))
      guard isValid(read) else {
        let shown = kind == .address ? "an address" : read.text.debugDescription
        throw GoRefusal("has a malformed name constraint (\(shown))")
      }
      subtrees.append(read)
    }
    return subtrees
  }

  private static func isValid(_ subtree: Subtree) -> Bool {
    let octets = subtree.octets
    guard subtree.kind != .address else {
      guard octets.count == 8 || octets.count == 32 else { return false }
      let bits = octets.suffix(octets.count / 2).flatMap { octet in (0..<8).map { octet >> (7 - $0) & 1 } }
      return !bits.drop { $0 == 1 }.contains(1)
    }
    guard octets.allSatisfy({ $0 < 0x80 }) else { return false }
    switch subtree.kind {
    case .email where subtree.text.contains("@"): return GoMailbox(subtree.text) != nil
    case .uri where IPAddress(subtree.text) != nil: return false
    default: return GoDomain.isValid(subtree.text, isConstraint: true)
    }
  }
}
