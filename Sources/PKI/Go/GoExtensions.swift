/// The extensions of a certificate that Go reads (RFC 5280, 4.2).
///
/// Go refuses a certificate in which one of these is malformed or any is there twice, and does not look into others.
struct GoExtensions: Sendable, Hashable {
  struct BasicConstraints: Sendable, Hashable {
    let isAuthority: Bool
    /// Nil where it is not limited.
    let pathLength: Int?
  }

  /// Bits of keyUsage; empty where the extension is missing or has none.
  private(set) var keyUsage: Set<Int> = []
  private(set) var basicConstraints: BasicConstraints?
  /// Nil where the extension is missing.
  private(set) var alternativeNames: [GoName]?
  /// The content of that extension.
  private(set) var alternativeNamesEncoding: [UInt8]?
  private(set) var nameConstraints: GoNameConstraints?
  /// Object identifiers; empty where the use is not restricted.
  private(set) var extendedKeyUsages: [[UInt8]] = []
  private(set) var subjectKeyIdentifier: [UInt8] = []
  private(set) var authorityKeyIdentifier: [UInt8] = []
  /// Whether it maps policies, or requires one of them.
  private(set) var constrainsPolicies = false
  /// Critical extensions that Go does not know.
  private(set) var unhandled: [[UInt8]] = []

  /// No extensions.
  init() {}

  /// Reads the content of Extensions.
  init(_ content: DERReader) throws(GoRefusal) {
    var content = content
    var seen: Set<[UInt8]> = []
    while !content.isEmpty {
      var fields = try content.read(Tag.sequence, "extension")
      let identifier = try fields.objectIdentifier("extension")
      let isCritical = fields.isNext(Tag.boolean) ? try fields.boolean("extension") : false
      let value = try fields.read(Tag.octetString, "extension \(ObjectIdentifier.text(identifier))")
      guard seen.insert(identifier).inserted else {
        throw GoRefusal("has extension \(ObjectIdentifier.text(identifier)) twice")
      }
      let isHandled = try read(identifier, value, isCritical: isCritical)
      if isCritical, !isHandled { unhandled.append(identifier) }
    }
  }

  /// The names of a kind, in their order.
  func names(_ kind: GoName.Kind) -> [String] {
    (alternativeNames ?? []).compactMap { $0.kind == kind ? $0.text : nil }
  }

  /// The IP addresses, in their order.
  var addresses: [String] {
    (alternativeNames ?? []).compactMap { name in
      name.kind == .address ? IPAddress(octets: name.octets)?.description : nil
    }
  }

  /// Whether the key may sign certificates, by keyUsage; one without any bit says nothing.
  var maySignCertificates: Bool { keyUsage.isEmpty || keyUsage.contains(5) }

  /// Whether its use is open to a purpose.
  func allows(_ purpose: Purpose) -> Bool {
    extendedKeyUsages.isEmpty || extendedKeyUsages.contains { $0 == Self.any || $0 == Self.identifier(of: purpose) }
  }

  private static let any = ObjectIdentifier.encode([2, 5, 29, 37, 0])
  private static let authorityInformation = ObjectIdentifier.encode([1, 3, 6, 1, 5, 5, 7, 1, 1])
  private static let certificateExtensions = ObjectIdentifier.encode([2, 5, 29])

  private static func identifier(of purpose: Purpose) -> [UInt8] {
    ObjectIdentifier.encode([1, 3, 6, 1, 5, 5, 7, 3, purpose == .server ? 1 : 2])
  }

  /// - Returns: whether Go handles the extension.
  private mutating func read(_ identifier: [UInt8], _ value: DERReader, isCritical: Bool) throws(GoRefusal) -> Bool {
    if identifier == Self.authorityInformation {
      guard !isCritical else { throw Self.markedCritical("authority information access") }
      try Self.checkAuthorityInformation(value)
      return true
    }
    guard identifier.count == 3, identifier.starts(with: Self.certificateExtensions) else { return false }
    let encoding = value.rest
    var value = value
    switch identifier[2] {
    case 14:
      guard !isCritical else { throw Self.markedCritical("subject key identifier") }
      subjectKeyIdentifier = Array(try value.element(Tag.octetString, "subject key identifier").content)
    case 15:
      let bits = try value.bitString("key usage")
      keyUsage = Set(
        (0..<9).filter { $0 / 8 < bits.octets.count && Array(bits.octets)[$0 / 8] >> (7 - $0 % 8) & 1 == 1 }
      )
    case 17:
      let names = try GoName.read(value)
      alternativeNames = names
      alternativeNamesEncoding = Array(encoding)
      return !names.isEmpty
    case 19: basicConstraints = try Self.basicConstraints(value)
    case 30:
      let constraints = try GoNameConstraints(value)
      nameConstraints = constraints
      return !constraints.hasUnhandled
    case 31: try Self.checkDistributionPoints(value)
    case 32: try Self.checkPolicies(value)
    case 33:
      try Self.checkPolicyMappings(value)
      constrainsPolicies = true
    case 35:
      guard !isCritical else { throw Self.markedCritical("authority key identifier") }
      authorityKeyIdentifier = try Self.authorityKeyIdentifier(value)
    case 36:
      try Self.checkPolicyConstraints(value)
      constrainsPolicies = true
    case 37:
      var usages = try value.read(Tag.sequence, "extended key usage")
      while !usages.isEmpty { extendedKeyUsages.append(try usages.objectIdentifier("extended key usage")) }
    case 54: _ = try value.smallInteger("inhibit any policy")
    default: return false
    }
    return true
  }

  private static func markedCritical(_ name: String) -> GoRefusal {
    GoRefusal("has the extension \(name) marked critical, which Go refuses: issue it again without")
  }

  private static func basicConstraints(_ value: DERReader) throws(GoRefusal) -> BasicConstraints {
    var value = value
    var fields = try value.read(Tag.sequence, "basic constraints")
    let isAuthority = fields.isNext(Tag.boolean) ? try fields.boolean("basic constraints") : false
    let length = fields.isNext(Tag.integer) ? try fields.smallInteger("basic constraints") : -1
    return BasicConstraints(isAuthority: isAuthority, pathLength: length < 0 ? nil : length)
  }

  private static func authorityKeyIdentifier(_ value: DERReader) throws(GoRefusal) -> [UInt8] {
    var value = value
    var fields = try value.read(Tag.sequence, "authority key identifier")
    guard fields.isNext(Tag.context(0)) else { return [] }
    return Array(try fields.element(Tag.context(0), "authority key identifier").content)
  }

  private static func checkDistributionPoints(_ value: DERReader) throws(GoRefusal) {
    let part = "CRL distribution points"
    var value = value
    var points = try value.read(Tag.sequence, part)
    while !points.isEmpty {
      var point = try points.read(Tag.sequence, part)
      guard var name = try point.readOptional(Tag.constructed(0), part) else { continue }
      var locations = try name.read(Tag.constructed(0), part)
      while locations.isNext(Tag.context(6)) { _ = try locations.element(part) }
    }
  }

  private static func checkAuthorityInformation(_ value: DERReader) throws(GoRefusal) {
    let part = "authority information access"
    var value = value
    var descriptions = try value.read(Tag.sequence, part)
    while !descriptions.isEmpty {
      var description = try descriptions.read(Tag.sequence, part)
      _ = try description.objectIdentifier(part)
      if description.isNext(Tag.context(6)) { _ = try description.element(part) }
    }
  }

  private static func checkPolicies(_ value: DERReader) throws(GoRefusal) {
    let part = "certificate policies"
    var value = value
    var policies = try value.read(Tag.sequence, part)
    var seen: Set<[UInt8]> = []
    while !policies.isEmpty {
      var policy = try policies.read(Tag.sequence, part)
      let identifier = Array(try policy.element(Tag.objectIdentifier, part).content)
      guard let last = identifier.last, last < 0x80, seen.insert(identifier).inserted else {
        throw GoRefusal("is malformed (\(part): one is empty or there twice)")
      }
    }
  }

  private static func checkPolicyMappings(_ value: DERReader) throws(GoRefusal) {
    let part = "policy mappings"
    var value = value
    var mappings = try value.read(Tag.sequence, part)
    while !mappings.isEmpty {
      var mapping = try mappings.read(Tag.sequence, part)
      for _ in 0..<2 { _ = try mapping.element(Tag.objectIdentifier, part) }
    }
  }

  private static func checkPolicyConstraints(_ value: DERReader) throws(GoRefusal) {
    let part = "policy constraints"
    var value = value
    var fields = try value.read(Tag.sequence, part)
    for number: UInt8 in 0...1 where fields.isNext(Tag.context(number)) {
      _ = try fields.smallInteger(part, tag: Tag.context(number))
    }
  }
}
