import Foundation

/// What peers in Go make of the certificate that a server or a client presents, and of what it sends after it.
public struct GoServerCertificate: Sendable {
  /// The server's or client's own certificate.
  public let leaf: GoCertificate
  private let rest: [GoPEMFile.Entry]

  /// - Throws: ``GoRefusal`` about the file if a server cannot start with it.
  public init(_ file: GoPEMFile) throws(GoRefusal) {
    leaf = try file.leaf()
    rest = Array(file.served.dropFirst())
    switch leaf.publicKey {
    case .rsa, .ecdsa, .ed25519: break
    case .dsa: throw GoRefusal("has a DSA key, with which Go cannot serve: issue it with ECDSA P-256 or RSA")
    case .unknown(let algorithm):
      let name = GoCurve.name(algorithm: algorithm)
      throw GoRefusal("has a key that Go cannot serve with (\(name)): issue it with ECDSA P-256, RSA or Ed25519")
    }
  }

  /// Checks what every client checks, also one that trusts the very certificate: dates, purpose, kind of key.
  ///
  /// - Throws: ``GoRefusal`` about the file.
  public func checkForAnyClient(at date: Date) throws(GoRefusal) {
    if let refusal = leaf.publicKey.handshakeRefusal { throw refusal }
    for (index, entry) in rest.enumerated() {
      let place = "has a certificate \(index + 2) that "
      if let refusal = entry.refusal ?? entry.certificate?.publicKey.oversize {
        throw GoRefusal(place + refusal.reason)
      }
    }
    try GoChainVerifier.verify(leaf: leaf, authorities: [leaf], purpose: nil, at: date)
  }

  /// Whether its extendedKeyUsage is open to a side of a connection.
  public func isFor(_ purpose: Purpose) -> Bool { leaf.extensions.allows(purpose) }

  /// Checks that it leads to a trusted CA.
  ///
  /// - Parameter purpose: the side of a connection that the whole chain has to be for; nil for any.
  /// - Throws: ``GoRefusal`` about the file.
  public func checkChain(to authorities: [GoCertificate], purpose: Purpose?, at date: Date) throws(GoRefusal) {
    try GoChainVerifier.verify(
      leaf: leaf,
      intermediates: rest.compactMap(\.certificate),
      authorities: authorities,
      purpose: purpose,
      at: date
    )
  }
}

extension GoCertificate {
  /// Whether a client that reached the server at a DNS name or an IP address takes this certificate for it. The common
  /// name does not count.
  public func covers(_ host: String) -> Bool {
    let isBracketed = host.utf8.count >= 3 && host.hasPrefix("[") && host.hasSuffix("]")
    if let address = IPAddress(isBracketed ? String(host.dropFirst().dropLast()) : host) {
      let addresses = (extensions.alternativeNames ?? []).filter { $0.kind == .address }
      return addresses.contains { Self.unmapped($0.octets) == Self.unmapped(address.octets) }
    }
    return dnsNames.contains { GoDomain.covers($0, host: host) }
  }

  /// The address in a mapped one (`::ffff:10.0.0.1`), which is the same to Go.
  private static func unmapped(_ octets: [UInt8]) -> [UInt8] {
    let prefix = Array(repeating: UInt8(0), count: 10) + [0xff, 0xff]
    return octets.count == 16 && octets.starts(with: prefix) ? Array(octets.suffix(4)) : octets
  }
}
