import Testing

@testable import MilvusTLS

@Suite struct LogEvidenceTests {
  @Test(arguments: [
    #"[error="x: -----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwhiddenBCIEI\n-----END PRIVATE KEY----- y"]"#,
    "key -----BEGIN RSA PRIVATE KEY-----hidden",
    #"[password=hidden]"#, #"[error="Password: \"hidden\" is wrong"]"#, #"{"secretAccessKey":"hidden"}"#,
    "token=hidden,x",
    "Authorization: Bearer hidden", "bearer hidden", "postgres://root:hidden@db:5432/x", "passwd = hidden",
    "data MC4CAQAwBQYDK2VwhiddenBCIEIAbcdefgh0123 end",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhiddenIiOiIxMjM0NTY3ODkwIn0",
    "hash 0123456789abcdef0123456789abcdef hidden".replacing(" hidden", with: ""),
  ])
  func secretsAreCutOut(line: String) {
    let quotation = LogEvidence.quote(line)
    #expect(!quotation.contains("hidden"))
    #expect(!quotation.contains("0123456789abcdef"))
    #expect(quotation.contains("[removed]"))
  }

  @Test(arguments: [
    LogSample.yes, LogSample.fault,
    #"[error="open /milvus/configs/cert/internal/distributed/server.pem: no such file or directory"]"#,
    "x509: certificate signed by unknown authority", "tls: private key does not match public key",
    "github.com/milvus-io/milvus/internal/distributed/utils/util.go:56",
  ])
  func whatIsNoSecretStays(line: String) {
    #expect(LogEvidence.quote(line) == line)
  }

  @Test func controlCharactersAndTurnedTextAreCutOut() {
    #expect(LogEvidence.quote("a\u{1B}[31mb\u{1B}[0m\u{7}c\u{9B}d\u{202E}e\r\n\u{1B}]0;t\u{1B}\\f") == "abcdef")
  }

  @Test func aLongLineIsCut() {
    let quotation = LogEvidence.quote(String(repeating: "é ", count: 100_000))
    #expect(quotation.utf8.count < 1000)
    #expect(quotation.hasSuffix("…"))
  }
}
