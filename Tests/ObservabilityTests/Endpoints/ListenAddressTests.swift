import Observability
import Testing

@Suite struct ListenAddressTests {
  @Test(arguments: [
    (":8080", ListenAddress(host: .any, port: 8080)), ("127.0.0.1:65535", .init(host: .ip4("127.0.0.1"), port: 65535)),
    ("[::1]:0", .init(host: .ip6("::1"), port: 0)), ("0.0.0.0:80", .init(host: .ip4("0.0.0.0"), port: 80)),
  ])
  func addressesAreReadInTheirThreeForms(text: String, address: ListenAddress) throws {
    #expect(try ListenAddress(parsing: text) == address)
    #expect(address.description == text)
  }

  @Test(arguments: [
    "", "8080", ":", ":65536", ":-1", ":+1", ":80a", "localhost:80", "::1:80", "[::1]", "[]:80", "[127.0.0.1]:80",
    "256.0.0.1:80", "127.0.0.1", "http://127.0.0.1:80", ":８０",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(throws: ListenAddress.Malformed.self) { try ListenAddress(parsing: text) }
  }
}
