import PKI
import Testing

@Suite struct SerialNumberTests {
  @Test(arguments: [
    ("01", "02"), ("ff", "0100"), ("FFFF", "010000"), ("0", nil), ("", nil), ("1G", nil), ("-1", nil), ("00ab", "AC"),
    ("7fffffffffffffffffffffffffffffffffffffff", nil),
    ("7ffffffffffffffffffffffffffffffffffffffe", String("7F" + String(repeating: "F", count: 38))),
    ("80" + String(repeating: "0", count: 38), nil), ("01" + String(repeating: "0", count: 40), nil),
  ])
  func theNextNumberHasAtMostTwentyOctetsAndIsPositive(text: String, next: String?) {
    #expect(SerialNumber(hexadecimal: text)?.next?.description == next)
  }

  @Test func aCertificateHasTheNumberThatIsGiven() throws {
    let number = try #require(SerialNumber(hexadecimal: "00C0FFEE"))
    let authority = try makeAuthority()
    let certificate = try authority.issue(makeRequest(), key: PrivateKey(generating: .ed25519), serialNumber: number)
    // A leading 0 keeps it positive.
    #expect(certificate.serialNumber == "c0ffee")
    #expect(try OpenSSLSerial.text(of: certificate) == "C0FFEE")
  }
}

private enum OpenSSLSerial {
  /// As the `openssl` program reads it.
  static func text(of certificate: Certificate) throws -> String {
    let openssl = try OpenSSLCommand()
    try openssl.write(certificate.pem, to: "leaf.pem")
    return try String(
      openssl("x509", "-in", "leaf.pem", "-noout", "-serial").output.dropFirst("serial=".count).dropLast()
    )
  }
}
