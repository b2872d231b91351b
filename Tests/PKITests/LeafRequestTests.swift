import PKI
import Testing

@Suite struct LeafRequestTests {
  @Test(arguments: [
    "", ".", "a..b", "a.", ".a", "-a.b", "a-.b", "a b", "a,DNS:evil", "a\0.b", "ö.example", "*", "*.com", "a.*.com",
    "f*.example.com",
    "10.0.0.1", "::1", "a/b", "https://a", String(repeating: "a", count: 64),
    Array(repeating: String(repeating: "a", count: 63), count: 4).joined(separator: "."),
  ])
  func aNameThatIsNoDNSNameIsNamed(name: String) {
    #expect(
      failure { try makeRequest(dnsNames: ["ok", name]) }.contains("\(name.debugDescription) is not a valid DNS name: ")
    )
  }

  @Test(arguments: [
    "localhost", "a.b", "*.example.com", "A-1.example", "my_host", "xn--bcher-kva.example", "1.example",
    "10.0.0.1.nip.io",
    String(repeating: "a", count: 63),
  ])
  func aDNSNameReachesTheCertificate(name: String) throws {
    #expect(try makeAuthority().issue(makeRequest(dnsNames: [name])).dnsNames == [name])
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "fe80::1%eth0", ":::", "1.2.3.4/24", "host", "1.2.3.4\0",
    "::1,DNS:evil",
  ])
  func anAddressThatIsNoneIsNamed(address: String) {
    #expect(
      failure { try makeRequest(ipAddresses: [address]) }.contains(
        "\(address.debugDescription) is not an IPv4 or IPv6 address"
      )
    )
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("0:0:0:0:0:0:0:0", "::"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("::FFFF:10.0.0.1", "::ffff:10.0.0.1"),
  ])
  func anAddressIsWrittenInItsCanonicalForm(address: String, canonical: String) throws {
    let request = try makeRequest(dnsNames: [], ipAddresses: [address])
    #expect(request.ipAddresses == [canonical])
    #expect(try makeAuthority().issue(request).ipAddresses == [canonical])
  }

  @Test func repetitionsAreDropped() throws {
    let request = try makeRequest(dnsNames: ["b", "a", "b"], ipAddresses: ["::1", "0:0::1", "127.0.0.1"])
    #expect(request.dnsNames == ["b", "a"])
    #expect(request.ipAddresses == ["::1", "127.0.0.1"])
  }

  @Test func aServerNeedsANameAndAClientASubjectOrAName() throws {
    #expect(failure { try makeRequest(dnsNames: [], ipAddresses: []) }.contains("at least one DNS name or IP address"))
    #expect(
      failure { try makeRequest(.client, commonName: "", dnsNames: [], ipAddresses: []) }
        .contains("without a subject")
    )
    let client = try makeAuthority().issue(makeRequest(.client, commonName: "client", dnsNames: [], ipAddresses: []))
    #expect(client.dnsNames.isEmpty && client.ipAddresses.isEmpty)
  }
}
