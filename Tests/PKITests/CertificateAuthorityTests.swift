import Foundation
import PKI
import Testing

@Suite struct CertificateAuthorityTests {
  @Test func anAuthoritySaysWhatItMayDo() throws {
    let certificate = try makeAuthority().certificate
    #expect(certificate.isAuthority)
    #expect(certificate.keyUsages == [.keyCertSign, .cRLSign])
    #expect(certificate.extendedKeyUsages == nil)
    #expect(certificate.subjectKeyIdentifier?.count == 20)
    #expect(certificate.subject == certificate.issuer)
    #expect(certificate.isIssued(by: certificate))
    #expect(certificate.notBefore == today - 300)
    #expect(certificate.notAfter == today + 3650 * day)
  }

  @Test(arguments: [Purpose.server, .client]) func aLeafServesOnePurposeOnly(purpose: Purpose) throws {
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest(purpose))
    #expect(leaf.extendedKeyUsages == (purpose == .server ? [.serverAuth] : [.clientAuth]))
    #expect(!leaf.isAuthority)
    #expect(leaf.keyUsages == [.digitalSignature])
    #expect(leaf.dnsNames == ["my-release-milvus.default.svc", "localhost"])
    #expect(leaf.ipAddresses == ["127.0.0.1", "::1"])
    #expect(leaf.issuer == authority.certificate.subject)
    #expect(leaf.authorityKeyIdentifier == authority.certificate.subjectKeyIdentifier)
    #expect(leaf.subjectKeyIdentifier?.count == 20)
    #expect(leaf.subjectKeyIdentifier != authority.certificate.subjectKeyIdentifier)
    #expect(leaf.isIssued(by: authority.certificate))
  }

  static let signatures: [(PrivateKey.Algorithm, String, Set<KeyUsage>)] = [
    (.ecdsa(.p256), "ecdsa-with-SHA256", [.digitalSignature]),
    (.ecdsa(.p384), "ecdsa-with-SHA384", [.digitalSignature]),
    (.rsa(bits: 2048), "sha256WithRSAEncryption", [.digitalSignature, .keyEncipherment]),
    (.ed25519, "ED25519", [.digitalSignature]),
  ]

  @Test(arguments: signatures)
  func theAlgorithmDecidesTheSignatureAndTheUsage(
    algorithm: PrivateKey.Algorithm,
    signature: String,
    usages: Set<KeyUsage>
  ) throws {
    let authority = try makeAuthority(algorithm: algorithm)
    let key = try PrivateKey(generating: algorithm)
    let leaf = try authority.issue(makeRequest(), key: key)
    #expect(authority.certificate.signatureAlgorithm == signature)
    #expect(leaf.signatureAlgorithm == signature)
    #expect(leaf.publicKeyAlgorithm == algorithm)
    #expect(leaf.keyUsages == usages)
    #expect(leaf.matches(key))
    #expect(!leaf.matches(authority.key))
    #expect(!leaf.matches(try PrivateKey(generating: algorithm)))
  }

  @Test func theSignatureFollowsTheAuthoritysKeyAndNotTheLeafs() throws {
    let authority = try makeAuthority(algorithm: .ecdsa(.p384))
    let leaf = try authority.issue(makeRequest(), key: PrivateKey(generating: .ed25519))
    #expect(leaf.signatureAlgorithm == "ecdsa-with-SHA384")
    #expect(leaf.publicKeyAlgorithm == .ed25519)
  }

  @Test func serialNumbersAre128RandomBits() throws {
    let authority = try makeAuthority()
    let key = try PrivateKey(generating: .ed25519)
    let serials = try (0..<64).map { _ in try authority.issue(makeRequest(), key: key).serialNumber }
    #expect(Set(serials).count == 64)
    #expect(serials.allSatisfy { $0.count <= 32 && !$0.hasPrefix("-") && $0.contains { $0 != "0" } })
    // With 128 bits about half begin with a 1 bit; with 127 none would.
    #expect(serials.contains { $0.count == 32 && ($0.first?.hexDigitValue ?? 0) >= 8 })
  }

  @Test func aLeafEndsNoLaterThanItsAuthority() throws {
    let authority = try makeAuthority(validity: Validity(from: today, duration: 30 * day))
    let leaf = try authority.issue(makeRequest(validity: Validity(from: today, duration: 365 * day)))
    #expect(leaf.notAfter == authority.certificate.notAfter)
    let short = try authority.issue(makeRequest(validity: Validity(from: today, duration: day)))
    #expect(short.notAfter == today + day)
    let late = Validity(from: today + 40 * day, duration: day)
    #expect(
      failure { try authority.issue(makeRequest(validity: late)) }.contains(
        "the CA certificate expires at 2026-08-31T00:00:00Z"
      )
    )
  }

  @Test func aLeafNeverBearsItsAuthoritysName() throws {
    let authority = try makeAuthority("milvus")
    for name in ["milvus", "MILVUS"] {
      #expect(failure { try authority.issue(makeRequest(commonName: name)) }.contains("is the CA's own"))
    }
  }

  @Test func anAuthorityHasASubject() throws {
    let text = failure {
      try CertificateAuthority.selfSigned(
        subject: DistinguishedName(),
        algorithm: .ed25519,
        validity: Validity(from: today, duration: day)
      )
    }
    #expect(text.contains("subject is empty"))
  }

  @Test func anAuthorityIsLoadedOnlyWithItsOwnKeyAndOnlyIfItIsOne() throws {
    let authority = try makeAuthority()
    let loaded = try CertificateAuthority(
      certificate: Certificate(pem: authority.certificate.pem),
      key: PrivateKey(pem: authority.key.pem())
    )
    #expect(try loaded.issue(makeRequest()).isIssued(by: authority.certificate))

    let other = try PrivateKey(generating: .ecdsa(.p256))
    #expect(
      failure { try CertificateAuthority(certificate: authority.certificate, key: other) }
        .contains("private key does not belong")
    )
    let leaf = try authority.issue(makeRequest(), key: other)
    #expect(failure { try CertificateAuthority(certificate: leaf, key: other) }.contains("not a CA certificate"))
  }

  @Test func anAuthorityMadeElsewhereWithoutAKeyIdentifierIssuesToo() throws {
    let openssl = try OpenSSLCommand()
    _ = try openssl("genpkey", "-algorithm", "ED25519", "-out", "key.pem")
    try openssl.write(
      "[req]\ndistinguished_name=name\nx509_extensions=ca\n[name]\n[ca]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=none\n",
      to: "ca.cnf"
    )
    _ = try openssl("req", "-x509", "-config", "ca.cnf", "-key", "key.pem", "-subj", "/CN=old", "-out", "ca.pem")
    let authority = try CertificateAuthority(
      certificate: Certificate(pem: openssl.read("ca.pem")),
      key: PrivateKey(pem: openssl.read("key.pem"))
    )
    #expect(authority.certificate.subjectKeyIdentifier == nil)
    let leaf = try authority.issue(makeRequest(validity: Validity(from: Date(), duration: day)))
    #expect(leaf.authorityKeyIdentifier == nil)
    try ChainVerifier.verify(leaf: leaf, authorities: [authority.certificate], purpose: .server, at: Date())
  }

  @Test func anIssuerIsKnownByItsNameAndNotByItsKeyAlone() throws {
    let openssl = try OpenSSLCommand()
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest())
    try openssl.write(authority.key.pem(), to: "key.pem")
    _ = try openssl("req", "-x509", "-key", "key.pem", "-subj", "/CN=another name", "-out", "other.pem")
    let other = try Certificate(pem: openssl.read("other.pem"))
    #expect(other.matches(authority.key))
    #expect(!leaf.isIssued(by: other))
  }

  @Test func fiftyCertificatesAreIssuedAtOnce() async throws {
    let authority = try makeAuthority(algorithm: .rsa(bits: 2048))
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let serials = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<50 {
        group.addTask {
          let leaf = try authority.issue(makeRequest(), key: key)
          try ChainVerifier.verify(
            leaf: leaf,
            authorities: [authority.certificate],
            purpose: .server,
            name: "localhost",
            at: today
          )
          return leaf.matches(key) ? leaf.serialNumber : ""
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(serials.count == 50)
    #expect(!serials.contains(""))
  }
}
