import Foundation
import PKI
import Testing

/// What the `openssl` command says of certificates made here.
@Suite struct OpenSSLConformanceTests {
  private func verify(_ openssl: OpenSSLCommand, _ purpose: String, at date: Date = today) throws
    -> OpenSSLCommand.Result
  {
    try openssl(
      "verify",
      "-x509_strict",
      "-attime",
      String(Int(date.timeIntervalSince1970)),
      "-purpose",
      purpose,
      "-CAfile",
      "ca.pem",
      "leaf.pem"
    )
  }

  @Test(arguments: PrivateKeyTests.algorithms, [Purpose.server, .client])
  func certificatesPassStrictVerificationForTheirPurposeOnly(
    algorithm: PrivateKey.Algorithm,
    purpose: Purpose
  ) throws {
    let openssl = try OpenSSLCommand()
    let authority = try makeAuthority(algorithm: algorithm)
    try openssl.write(authority.certificate.pem, to: "ca.pem")
    try openssl.write(authority.issue(makeRequest(purpose), key: PrivateKey(generating: algorithm)).pem, to: "leaf.pem")
    let right = purpose == .server ? "sslserver" : "sslclient"
    let wrong = purpose == .server ? "sslclient" : "sslserver"
    let accepted = try verify(openssl, right)
    #expect(accepted.status == 0 && accepted.output.contains("leaf.pem: OK"), "\(accepted.output)")
    let refused = try verify(openssl, wrong)
    #expect(refused.status != 0 && refused.output.contains("purpose"), "\(refused.output)")
  }

  @Test func theTextOfAnAuthorityIsAsPromised() throws {
    let openssl = try OpenSSLCommand()
    try openssl.write(makeAuthority().certificate.pem, to: "ca.pem")
    let text = try openssl("x509", "-in", "ca.pem", "-noout", "-text").output
    #expect(text.contains("Version: 3 (0x2)"))
    #expect(text.contains("X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0\n"))
    #expect(text.contains("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n"))
    #expect(text.contains("X509v3 Subject Key Identifier:"))
    #expect(!text.contains("Extended Key Usage"))
  }

  @Test func theTextOfALeafIsAsPromised() throws {
    let openssl = try OpenSSLCommand()
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest(ipAddresses: ["127.0.0.1", "2001:db8::1"]))
    try openssl.write(leaf.pem, to: "leaf.pem")
    let text = try openssl("x509", "-in", "leaf.pem", "-noout", "-text").output
    #expect(text.contains("X509v3 Basic Constraints: critical\n                CA:FALSE\n"))
    #expect(text.contains("X509v3 Key Usage: critical\n                Digital Signature\n"))
    #expect(text.contains("X509v3 Extended Key Usage: \n                TLS Web Server Authentication\n"))
    #expect(
      text.contains(
        "X509v3 Subject Alternative Name: \n                DNS:my-release-milvus.default.svc, DNS:localhost, "
          + "IP Address:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1\n"
      )
    )
    #expect(text.contains("X509v3 Authority Key Identifier:"))
  }

  @Test func fieldsReadAsTheCommandReadsThem() throws {
    let openssl = try OpenSSLCommand()
    let leaf = try makeAuthority().issue(makeRequest())
    try openssl.write(leaf.pem, to: "leaf.pem")
    let text = try openssl("x509", "-in", "leaf.pem", "-noout", "-serial", "-fingerprint", "-sha256", "-dates").output
    #expect(text.contains("serial=\(leaf.serialNumber.uppercased())\n"))
    #expect(text.replacing(":", with: "").lowercased().contains("fingerprint=\(leaf.sha256Fingerprint)\n"))
    #expect(text.contains("notBefore=Jul 31 23:55:00 2026 GMT\nnotAfter=Aug  1 00:00:00 2027 GMT\n"))
  }

  @Test func aLeafWithoutASubjectHasCriticalNamesAndPasses() throws {
    let openssl = try OpenSSLCommand()
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest(commonName: ""))
    #expect(leaf.subject.isEmpty)
    #expect(leaf.description == "Certificate(without a subject, serial \(leaf.serialNumber))")
    try openssl.write(authority.certificate.pem, to: "ca.pem")
    try openssl.write(leaf.pem, to: "leaf.pem")
    #expect(try openssl("x509", "-in", "leaf.pem", "-noout", "-text").output.contains("Alternative Name: critical"))
    #expect(try verify(openssl, "sslserver").status == 0)
  }

  @Test(arguments: [
    ("2037-12-31T00:00:00Z", "UTCTIME           :371231000000Z"),
    ("2038-06-01T00:00:00Z", "UTCTIME           :380601000000Z"),
    ("2049-12-31T23:59:59Z", "UTCTIME           :491231235959Z"),
    ("2050-01-01T00:00:00Z", "GENERALIZEDTIME   :20500101000000Z"),
    ("2126-08-01T12:30:15Z", "GENERALIZEDTIME   :21260801123015Z"),
    ("9999-12-31T23:59:59Z", "GENERALIZEDTIME   :99991231235959Z"),
  ])
  func timesAreUTCTimeThrough2049AndGeneralizedTimeAfter(end: String, encoding: String) throws {
    let openssl = try OpenSSLCommand()
    let date = try Date(end, strategy: .iso8601)
    let validity = Validity(notBefore: today, notAfter: date)
    let authority = try makeAuthority(validity: validity)
    let leaf = try authority.issue(makeRequest(validity: validity))
    #expect(leaf.notAfter == date)
    #expect(leaf.notBefore == today)
    try openssl.write(leaf.pem, to: "leaf.pem")
    try openssl.write(authority.certificate.pem, to: "ca.pem")
    #expect(try openssl("asn1parse", "-in", "leaf.pem").output.contains(encoding))
    let before = date - 1
    #expect(try verify(openssl, "sslserver", at: before).status == 0)
    try ChainVerifier.verify(leaf: leaf, authorities: [authority.certificate], purpose: .server, at: before)
  }
}
