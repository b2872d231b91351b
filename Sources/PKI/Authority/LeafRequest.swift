/// Content of a server or client certificate to be issued.
public struct LeafRequest: Sendable, Hashable {
  /// Side of the connection.
  public let purpose: Purpose
  /// The subject; may be empty if there is a DNS name or an IP address.
  public let subject: DistinguishedName
  /// DNS names, without duplicates.
  public let dnsNames: [String]
  /// IP addresses as dotted decimal or RFC 5952, without duplicates.
  public let ipAddresses: [String]
  /// Requested validity. It is limited to that of the CA certificate.
  public let validity: Validity

  /// Validates every name.
  ///
  /// - Parameters:
  ///   - dnsNames: host names, or wildcards such as `*.example.com`.
  ///   - ipAddresses: IPv4 or IPv6 literals without a zone.
  /// - Throws: ``PKIError`` that names the invalid name or address; also for a server certificate without either,
  ///   because clients ignore its common name (RFC 9525).
  public init(
    purpose: Purpose,
    subject: DistinguishedName,
    dnsNames: [String] = [],
    ipAddresses: [String] = [],
    validity: Validity
  ) throws {
    self.purpose = purpose
    self.subject = subject
    self.dnsNames = Self.unique(try dnsNames.map(Self.checkedDNSName))
    self.ipAddresses = Self.unique(try ipAddresses.map(Self.canonicalIPAddress))
    self.validity = validity
    let isNameless = self.dnsNames.isEmpty && self.ipAddresses.isEmpty
    guard !isNameless || purpose == .client else {
      throw Self.refusal("a server certificate needs at least one DNS name or IP address")
    }
    guard !isNameless || !subject.isEmpty else {
      throw Self.refusal("a certificate without a subject needs at least one DNS name or IP address")
    }
  }

  private static func checkedDNSName(_ name: String) throws -> String {
    if let objection = DNSName.objection(to: name, allowingWildcard: true) {
      throw refusal("\(name.debugDescription) is not a valid DNS name: \(objection)")
    }
    return name
  }

  private static func canonicalIPAddress(_ text: String) throws -> String {
    guard let address = IPAddress(text) else {
      throw refusal("\(text.debugDescription) is not an IPv4 or IPv6 address")
    }
    return address.description
  }

  private static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private static func refusal(_ reason: String) -> PKIError {
    PKIError(operation: "request a certificate", reason: reason)
  }
}
