import PKI
import Testing

@Suite struct CertificatePEMTests {
  @Test func aCertificateComesBackFromItsTextAndItsEncoding() throws {
    let certificate = try makeAuthority().issue(makeRequest())
    #expect(try Certificate(pem: certificate.pem) == certificate)
    #expect(try Certificate(der: certificate.der) == certificate)
    #expect(try Certificate(pem: certificate.pem).sha256Fingerprint == certificate.sha256Fingerprint)
    #expect(try makeAuthority().certificate != makeAuthority().certificate)
  }

  @Test func aChainIsReadInOrderWithTextAndOtherBlocksBetween() throws {
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest())
    let key = try authority.key.pem()
    let text = "subject=leaf\r\n\(leaf.pem)\n# the root\n\(key)\(authority.certificate.pem)trailing words\n"
    #expect(try Certificate.chain(pem: text) == [leaf, authority.certificate])
    #expect(try Certificate.chain(pem: text.replacing("\n", with: "\r\n")) == [leaf, authority.certificate])
    #expect(failure { try Certificate(pem: text) }.contains("contains 2 certificates, not one"))
  }

  @Test func aVersion1CertificateIsReadAndIsNoAuthority() throws {
    let openssl = try OpenSSLCommand()
    _ = try openssl("req", "-newkey", "ed25519", "-nodes", "-keyout", "v1.key", "-out", "v1.csr", "-subj", "/CN=v1")
    _ = try openssl("x509", "-req", "-in", "v1.csr", "-signkey", "v1.key", "-out", "v1.pem")
    #expect(try openssl("x509", "-in", "v1.pem", "-noout", "-text").output.contains("Version: 1"))
    let certificate = try Certificate(pem: openssl.read("v1.pem"))
    #expect(certificate.keyUsages == nil && certificate.extendedKeyUsages == nil)
    #expect(certificate.subjectKeyIdentifier == nil && certificate.authorityKeyIdentifier == nil)
    #expect(!certificate.isAuthority)
    #expect(try certificate.matches(PrivateKey(pem: openssl.read("v1.key"))))
  }

  @Test func malformedTextsAreRefused() throws {
    let authority = try makeAuthority()
    let pem = authority.certificate.pem
    let begin = "-----BEGIN CERTIFICATE-----\n"
    let end = "-----END CERTIFICATE-----\n"
    let texts = [
      "", "\0", "nonsense\n", begin, begin + end, begin + "////\n" + end, begin + "!!!!\n" + end,
      begin + "MAA=\n" + end,
      String(pem.prefix(300)), try authority.key.pem(), pem + begin, pem + String(pem.prefix(300)),
      pem + begin + "////\n" + end,
    ]
    for text in texts {
      #expect(failure { try Certificate.chain(pem: text) }.hasPrefix("read a certificate: "), "\(text)")
    }
    #expect(failure { try Certificate.chain(pem: "") }.contains("empty"))
    #expect(failure { try Certificate.chain(pem: "junk") }.contains("-----BEGIN CERTIFICATE-----"))
    #expect(failure { try Certificate.chain(pem: pem + begin + "////\n" + end) }.contains("certificate 2 of the text"))
  }

  @Test func everyCutOfACertificateIsAnErrorAndNotACrash() throws {
    let certificate = try makeAuthority().issue(makeRequest())
    for length in 0..<certificate.der.count {
      #expect(throws: PKIError.self, "\(length)") { try Certificate(der: Array(certificate.der.prefix(length))) }
    }
    for length in 0..<(certificate.pem.utf8.count - 1) {
      #expect(throws: PKIError.self, "\(length)") { try Certificate(pem: String(certificate.pem.prefix(length))) }
    }
    #expect(failure { try Certificate(der: certificate.der + [0]) }.contains("bytes follow"))
  }

  @Test func noChangedByteCrashesTheReader() throws {
    let authority = try makeAuthority()
    let der = try authority.issue(makeRequest()).der
    let accepted = der.indices.filter { index in
      var changed = der
      changed[index] ^= 0xff
      guard let certificate = try? Certificate(der: changed) else { return false }
      return certificate.isIssued(by: authority.certificate)
    }
    #expect(accepted.isEmpty)
  }
}
