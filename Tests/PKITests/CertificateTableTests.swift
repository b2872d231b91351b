import Foundation
import Testing

@testable import PKI

/// Certificates that many hold are parsed and kept once.
@Suite struct CertificateTableTests {
  private func issue() throws -> (certificate: Certificate, key: PrivateKey) {
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let authority = try CertificateAuthority.selfSigned(
      subject: DistinguishedName(commonName: "authority"),
      algorithm: .ecdsa(.p256),
      validity: Validity(from: Date(), duration: 3600)
    )
    let request = try LeafRequest(
      purpose: .server,
      subject: DistinguishedName(commonName: "leaf"),
      dnsNames: ["leaf"],
      validity: Validity(from: Date(), duration: 3600)
    )
    return (try authority.issue(request, key: key), key)
  }

  @Test func theSameBytesAreParsedOnce() throws {
    let issued = try issue().certificate
    let read = try Certificate(pem: issued.pem)
    #expect(read.contents === issued.contents)
    #expect(try Certificate(der: issued.der).contents === issued.contents)
    #expect(try Certificate.chain(pem: issued.pem + issued.pem).map(\.contents).allSatisfy { $0 === issued.contents })
  }

  @Test func nobodyIsKeptAlive() throws {
    weak var contents: Certificate.Contents?
    var pem = ""
    do {
      let certificate = try issue().certificate
      (contents, pem) = (certificate.contents, certificate.pem)
      #expect(contents != nil)
    }
    #expect(contents == nil)
    #expect(try Certificate(pem: pem).subject.commonName == "leaf")
  }

  @Test func whatNobodyKeepsIsForgotten() throws {
    let table = CertificateTable()
    let kept = try issue().certificate
    let authority = try issue().certificate
    try table.note(kept)
    for number in 0..<1100 {
      // Bytes that nobody keeps: what is found under them is gone at once.
      let bytes = Array("\(number)".utf8)
      _ = try table.certificate(bytes) { try Certificate(der: authority.der, names: ([], [])) }
    }
    #expect(table.count < 1024)
    let found = try table.certificate(kept.der) { throw OpenSSLCall("parse again").failure("it was forgotten") }
    #expect(found.contents === kept.contents)
  }

  @Test func aKeyIsReadOnceForACertificate() throws {
    let (certificate, key) = try issue()
    let (text, other) = (try key.pem(), try PrivateKey(generating: .ecdsa(.p256)).pem())
    #expect(try !certificate.matches(keyPEM: other))
    #expect(try certificate.matches(keyPEM: text))
    #expect(certificate.contents.matchingKey.withLock { $0 } == (try SHA256Digest(of: Array(text.utf8))))
    #expect(try certificate.matches(keyPEM: text))
    #expect(try !certificate.matches(keyPEM: other), "another text is read")
    #expect(throws: PKIError.self) { try certificate.matches(keyPEM: "no key") }
  }
}
