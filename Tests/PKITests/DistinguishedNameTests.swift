import PKI
import Testing

@Suite struct DistinguishedNameTests {
  @Test func allSixAttributesReachTheCertificateAndComeBack() throws {
    let name = try DistinguishedName(
      commonName: "Größe, \"quoted\" #1",
      country: "DE",
      province: "Berlin",
      locality: " Mitte",
      organization: "Example + Co",
      organizationalUnit: "IT"
    )
    let authority = try CertificateAuthority.selfSigned(
      subject: name,
      algorithm: .ecdsa(.p256),
      validity: Validity(from: today, duration: day)
    )
    let read = try Certificate(pem: authority.certificate.pem).subject
    #expect(read == name)
    #expect(read.commonName == "Größe, \"quoted\" #1")
    #expect([read.country, read.province, read.locality] == ["DE", "Berlin", " Mitte"])
    #expect([read.organization, read.organizationalUnit] == ["Example + Co", "IT"])
    #expect(
      read.description == #"CN=Größe\, \"quoted\" #1,OU=IT,O=Example \+ Co,L=\ Mitte,ST=Berlin,C=DE"#
    )
  }

  @Test func emptyAttributesAreLeftOut() throws {
    #expect(try DistinguishedName(commonName: "a").attributes.map(\.type) == ["CN"])
    #expect(try DistinguishedName().isEmpty)
    #expect(try DistinguishedName(commonName: "a").country == "")
  }

  @Test(arguments: ["D", "DEU", "D1", "Ää"]) func aCountryIsTwoLetters(country: String) {
    #expect(failure { try DistinguishedName(country: country) }.contains("country \"\(country)\""))
  }

  @Test func upperBoundsOfRFC5280AreHeldInCharacters() throws {
    let fits = String(repeating: "ü", count: 64)
    #expect(try DistinguishedName(commonName: fits).commonName == fits)
    #expect(try makeAuthority(fits).certificate.subject.commonName == fits)
    let long = String(repeating: "x", count: 129)
    #expect(
      failure { try DistinguishedName(commonName: fits + "x") }.contains("common name has 65 characters, over the 64")
    )
    #expect(failure { try DistinguishedName(organization: long) }.contains("organization has 129"))
    #expect(failure { try DistinguishedName(organizationalUnit: long) }.contains("organizational unit has 129"))
    #expect(failure { try DistinguishedName(province: long) }.contains("province has 129 characters, over the 128"))
    #expect(failure { try DistinguishedName(locality: long) }.contains("locality has 129"))
    #expect(try DistinguishedName(locality: String(long.dropLast())).locality.count == 128)
  }

  @Test func controlCharactersAreRefused() {
    #expect(failure { try DistinguishedName(commonName: "a\0b") }.contains("control character"))
    #expect(failure { try DistinguishedName(organization: "a\nb") }.contains("organization contains a control"))
  }

  @Test func aForeignNameKeepsItsOtherAttributes() throws {
    let openssl = try OpenSSLCommand()
    let made = try openssl(
      "req",
      "-x509",
      "-newkey",
      "ed25519",
      "-nodes",
      "-keyout",
      "key.pem",
      "-out",
      "cert.pem",
      "-subj",
      "/DC=example/O=Example/CN=x/emailAddress=a@example.com"
    )
    #expect(made.status == 0, "\(made.output)")
    let subject = try Certificate(pem: openssl.read("cert.pem")).subject
    #expect(subject.description == "emailAddress=a@example.com,CN=x,O=Example,DC=example")
    #expect(subject.commonName == "x")
  }
}
