/// The extensions of a certificate that Go reads (RFC 5280, 4.2).
///
/// Go refuses a certificate in which one of these is malformed or any is there twice, and does not look into others.
struct GoExtensions: Sendable, Hashable {
  struct BasicConstraints: Sendable, Hashable {
    let isAuthority: Bool
    /// Nil where it is not limited.
    let pathLength: Int?
  }

  struct PolicyMapping: Sendable, Hashable {
    let issuer: GoPolicies.Policy
    let subject: GoPolicies.Policy
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
  private(set) var policies: [GoPolicies.Policy] = []
  private(set) var policyMappings: [PolicyMapping] = []
  /// Certificates below that may do without a policy, map policies, and have any policy; nil where nothing is said.
  private(set) var requireExplicitPolicy: Int?
  private(set) var inhibitPolicyMapping: Int?
  private(set) var inhibitAnyPolicy: Int?
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
    case 32: policies = try Self.policies(value)
    case 33: policyMappings = try Self.policyMappings(value)
    case 35:
      guard !isCritical else { throw Self.markedCritical("authority key identifier") }
      authorityKeyIdentifier = try Self.authorityKeyIdentifier(value)
    case 36: try readPolicyConstraints(value)
    case 37:
      var usages = try value.read(Tag.sequence, "extended key usage")
      while !usages.isEmpty { extendedKeyUsages.append(try usages.objectIdentifier("extended key usage")) }
    case 54: inhibitAnyPolicy = Self.count(try value.smallInteger("inhibit any policy"))
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

  private static func policies(_ value: DERReader) throws(GoRefusal) -> [GoPolicies.Policy] {
    let part = "certificate policies"
    var value = value
    var content = try value.read(Tag.sequence, part)
    var policies: [GoPolicies.Policy] = []
    while !content.isEmpty {
      var policy = try content.read(Tag.sequence, part)
      let identifier = Array(try policy.element(Tag.objectIdentifier, part).content)
      guard ObjectIdentifier.isWellFormed(identifier), !policies.contains(identifier) else {
        throw GoRefusal("is malformed (\(part): one is malformed or there twice)")
      }
      policies.append(identifier)
    }
    return policies
  }

  private static func policyMappings(_ value: DERReader) throws(GoRefusal) -> [PolicyMapping] {
    let part = "policy mappings"
    var value = value
    var content = try value.read(Tag.sequence, part)
    var mappings: [PolicyMapping] = []
    while !content.isEmpty {
      var mapping = try content.read(Tag.sequence, part)
      let issuer = Array(try mapping.element(Tag.objectIdentifier, part).content)
      let subject = Array(try mapping.element(Tag.objectIdentifier, part).content)
      mappings.append(PolicyMapping(issuer: issuer, subject: subject))
    }
    return mappings
  }

  private mutating func readPolicyConstraints(_ value: DERReader) throws(GoRefusal) {
    let part = "policy constraints"
    var value = value
    var fields = try value.read(Tag.sequence, part)
    func number(_ tag: UInt8) throws(GoRefusal) -> Int? {
      fields.isNext(tag) ? Self.count(try fields.smallInteger(part, tag: tag)) : nil
    }
    requireExplicitPolicy = try number(Tag.context(0))
    inhibitPolicyMapping = try number(Tag.context(1))
  }

  /// A negative number says nothing.
  private static func count(_ number: Int) -> Int? { number < 0 ? nil : number }
}
