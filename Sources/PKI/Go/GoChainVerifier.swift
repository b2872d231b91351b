import Foundation

/// Verifies a chain by the rules of Go's crypto/x509, which a client of Milvus's internal TLS follows.
///
/// Where they differ from OpenSSL's: every trusted certificate is an anchor, whatever its dates say of others; keyUsage
/// counts for signing certificates alone; names are compared octet by octet; constraints hold for all names below; no
/// signature with SHA-1 counts.
public struct GoChainVerifier {
  private let intermediates: [GoCertificate]
  private let authorities: [GoCertificate]
  private let purpose: Purpose?
  private let date: Date
  /// Go gives up after this many signatures.
  private var remainingChecks = 100

  /// Verifies a leaf.
  ///
  /// - Parameters:
  ///   - intermediates: what the peer sends after the leaf.
  ///   - authorities: trusted certificates.
  ///   - purpose: the peer's side of the connection; nil for any.
  ///   - date: time of the verification.
  /// - Throws: ``GoRefusal`` about the leaf.
  public static func verify(
    leaf: GoCertificate,
    intermediates: [GoCertificate] = [],
    authorities: [GoCertificate],
    purpose: Purpose?,
    at date: Date
  ) throws(GoRefusal) {
    var verifier = GoChainVerifier(
      intermediates: intermediates.unique,
      authorities: authorities.unique,
      purpose: purpose,
      date: date
    )
    try verifier.checkFields(of: leaf)
    let chains: [[GoCertificate]]
    if authorities.contains(leaf) {
      chains = [[leaf]]
    } else {
      var cause: GoRefusal?
      chains = verifier.chains(from: [leaf], &cause)
      guard !chains.isEmpty else { throw verifier.unknownAuthority(leaf, cause) }
    }
    guard chains.contains(where: GoPolicies.areValid) else {
      throw GoRefusal("is valid for no certificate policy, and a CA above it requires one")
    }
    guard let purpose else { return }
    guard
      chains.contains(where: { chain in chain.allSatisfy { $0.extensions.allows(purpose) } && GoPolicies.areValid(chain)
      })
    else { throw wrongPurpose(leaf, purpose) }
  }

  private static func wrongPurpose(_ leaf: GoCertificate, _ purpose: Purpose) -> GoRefusal {
    let usage = purpose == .server ? "serverAuth" : "clientAuth"
    guard leaf.extensions.allows(purpose) else { return GoRefusal("has an extendedKeyUsage without \(usage)") }
    return GoRefusal("is issued by a CA whose own extendedKeyUsage lacks \(usage)")
  }

  private func unknownAuthority(_ leaf: GoCertificate, _ cause: GoRefusal?) -> GoRefusal {
    if let cause { return cause }
    let issuer = leaf.certificate.issuer.label
    return GoRefusal(
      "is issued by \(issuer), which is not among the trusted CAs, or an intermediate certificate is missing"
    )
  }

  /// All chains from the last certificate to an anchor; the first obstacle goes into `cause`.
  private mutating func chains(from chain: [GoCertificate], _ cause: inout GoRefusal?) -> [[GoCertificate]] {
    guard let child = chain.last else { return [] }
    var chains: [[GoCertificate]] = []
    for isAnchor in [true, false] {
      for candidate in parents(of: child, among: isAnchor ? authorities : intermediates) {
        guard !Self.isInChain(candidate, chain), !isUnknown(candidate.publicKey) else { continue }
        guard remainingChecks > 0 else { return chains }
        remainingChecks -= 1
        do {
          try checkIssuer(candidate, of: child)
          try check(candidate, above: chain, isAnchor: isAnchor)
        } catch {
          cause = cause ?? error
          continue
        }
        chains += isAnchor ? [chain + [candidate]] : self.chains(from: chain + [candidate], &cause)
      }
    }
    return chains
  }

  /// Those with the key identifier of the issuer first, then those that do not say.
  private func parents(of child: GoCertificate, among certificates: [GoCertificate]) -> [GoCertificate] {
    func rank(_ candidate: GoCertificate) -> Int {
      let (subject, authority) = (candidate.extensions.subjectKeyIdentifier, child.extensions.authorityKeyIdentifier)
      return subject == authority ? 0 : subject.isEmpty != authority.isEmpty ? 1 : 2
    }
    let candidates = certificates.filter { $0.subject == child.issuer }
    return (0...2).flatMap { wanted in candidates.filter { rank($0) == wanted } }
  }

  private func isUnknown(_ key: GoPublicKey) -> Bool {
    if case .unknown = key { return true }
    return false
  }

  /// A chain has no two certificates of one name, key and set of names.
  private static func isInChain(_ candidate: GoCertificate, _ chain: [GoCertificate]) -> Bool {
    for certificate in chain
    where candidate.subject == certificate.subject && candidate.publicKeyInformation == certificate.publicKeyInformation
    {
      let (one, other) = (
        candidate.extensions.alternativeNamesEncoding, certificate.extensions.alternativeNamesEncoding
      )
      if one == nil, other == nil { return true }
      if one == nil || other == nil { return false }
      if one == other { return true }
    }
    return false
  }

  private func checkIssuer(_ issuer: GoCertificate, of child: GoCertificate) throws(GoRefusal) {
    let label = issuer.certificate.subject.label
    let constraints = issuer.extensions.basicConstraints
    if issuer.version == 3 && constraints == nil || constraints?.isAuthority == false {
      throw GoRefusal("is issued by \(label), which is no CA: its basicConstraints lack CA:TRUE")
    }
    guard issuer.extensions.maySignCertificates else {
      throw GoRefusal("is issued by \(label), whose keyUsage lacks keyCertSign")
    }
    let isLeaf = child.extensions.basicConstraints?.isAuthority != true
    let subject = isLeaf ? "" : "is issued by \(child.certificate.subject.label), which "
    if let refusal = issuer.publicKey.verificationRefusal {
      throw GoRefusal("is issued by \(label), which \(refusal.reason)")
    }
    do {
      try child.signatureAlgorithm.verify(
        child.signature,
        over: child.signedPart,
        key: issuer.publicKey,
        information: issuer.publicKeyInformation
      )
    } catch {
      throw GoRefusal(subject + error.reason)
    }
  }

  private func check(_ candidate: GoCertificate, above chain: [GoCertificate], isAnchor: Bool) throws(GoRefusal) {
    let label = candidate.certificate.subject.label
    do {
      try checkFields(of: candidate)
    } catch {
      throw GoRefusal("is issued by \(label), which \(error.reason)")
    }
    if let constraints = candidate.extensions.nameConstraints {
      for certificate in chain { try constraints.check(certificate.extensions.alternativeNames ?? []) }
    }
    guard isAnchor || candidate.extensions.basicConstraints?.isAuthority == true else {
      throw GoRefusal("is issued by \(label), which is no CA: its basicConstraints lack CA:TRUE")
    }
    if let length = candidate.extensions.basicConstraints?.pathLength, chain.count - 1 > length {
      throw GoRefusal("is issued by \(label), whose path length allows \(length) CAs below it")
    }
  }

  private func checkFields(of certificate: GoCertificate) throws(GoRefusal) {
    if let unhandled = certificate.extensions.unhandled.first {
      throw GoRefusal("has the critical extension \(ObjectIdentifier.text(unhandled)), which Go does not know")
    }
    if date < certificate.notBefore { throw GoRefusal("is not valid before \(Self.time(certificate.notBefore))") }
    if date > certificate.notAfter { throw GoRefusal("expired at \(Self.time(certificate.notAfter))") }
  }

  private static func time(_ date: Date) -> String { date.ISO8601Format() }
}

extension [GoCertificate] {
  fileprivate var unique: [GoCertificate] {
    var seen: Set<[UInt8]> = []
    return filter { seen.insert($0.certificate.der).inserted }
  }
}
