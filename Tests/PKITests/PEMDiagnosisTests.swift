import Foundation
import PKI
import Testing

/// What a person is told of a file that Go cannot use; that Go cannot is for GoVerdictTests.
@Suite struct PEMDiagnosisTests {
  private let certificate: String
  private let key: String

  init() throws {
    let key = try PrivateKey(generating: .ecdsa(.p256))
    certificate = try makeAuthority().issue(makeRequest(), key: key).pem
    self.key = try key.pem()
  }

  private static func lines(_ text: String, joinedBy separator: String) -> String {
    text.split(separator: "\n").joined(separator: separator)
  }

  private static let causes: [(change: @Sendable (String) -> [UInt8], message: String)] = [
    ({ _ in [] }, "is empty"),
    ({ _ in Array(" \n\r\n".utf8) }, "is empty"),
    ({ _ in Array("changeme".utf8) }, "holds no PEM text (-----BEGIN "),
    ({ Array(lines($0, joinedBy: " ").utf8) }, "is on one line: the YAML needs a |"),
    ({ Array(lines($0, joinedBy: "").utf8) }, "is on one line: the YAML needs a |"),
    ({ Array(lines($0, joinedBy: "\\n").utf8) }, "has the two characters \\n instead of line breaks"),
    ({ Array(lines($0, joinedBy: "\r").utf8) }, "has lines that end in a carriage return alone"),
    ({ Array("\u{feff}\($0)".utf8) }, "begins with a byte order mark (BOM) before -----BEGIN"),
    ({ Array($0.data(using: .utf16) ?? Data()) }, "is saved as UTF-16"),
    ({ Array($0.data(using: .utf16LittleEndian) ?? Data()) }, "is saved as UTF-16"),
    ({ Array(Data($0.utf8).base64EncodedData()) }, "is base64 of a PEM file: it was encoded twice"),
    ({ Array("  \(lines($0, joinedBy: "\n  "))".utf8) }, "has spaces before -----BEGIN"),
    ({ Array("pem: \($0)".utf8) }, "has text before -----BEGIN on the same line"),
    ({ Array($0.replacing("\n-----END", with: "-----END").utf8) }, "has something before -----END on the same line"),
    ({ Array($0.components(separatedBy: "-----END")[0].utf8) }, "is cut off: it has no -----END line"),
    ({ Array($0.replacing("-----END ", with: "-----END MY ").utf8) }, "and ends otherwise (line "),
    ({ Array($0.replacing("-----\n", with: "----- mine\n").utf8) }, "has text after the dashes of line 1"),
    ({ Array($0.trimmingCharacters(in: .newlines).appending(",").utf8) }, "has text after the dashes of line "),
    (
      { Array($0.replacing("MI", with: "M*", maxReplacements: 1).utf8) }, "has characters in line 2 that are not base64"
    ),
    ({ Array($0.replacing("MI", with: "I", maxReplacements: 1).utf8) }, "has a PEM block that is cut off or damaged"),
    (
      { Array(Data(base64Encoded: $0.split(separator: "\n").dropFirst().dropLast().joined()) ?? Data()) },
      "is binary (DER), not PEM"
    ),
    ({ _ in [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2] }, "is a Java keystore, not PEM"),
  ]

  @Test(arguments: causes.indices) func whatIsWrongWithTheTextIsSaidInWords(index: Int) throws {
    let (change, message) = Self.causes[index]
    #expect(certificateProblem(change(certificate)).contains(message))
    let problem = keyProblem(change(key))
    #expect(problem.contains(message))
    for line in key.split(separator: "\n").dropFirst().dropLast() { #expect(!problem.contains(line)) }
  }

  @Test func otherContentsAreNamed() {
    #expect(certificateProblem(Array(key.utf8)) == "holds a private key instead of a certificate")
    #expect(keyProblem(Array(certificate.utf8)) == "holds a certificate instead of a private key")
    let request = certificate.replacing("CERTIFICATE", with: "CERTIFICATE REQUEST")
    #expect(certificateProblem(Array(request.utf8)).hasPrefix("has blocks of other kinds alone (CERTIFICATE REQUEST)"))
  }

  @Test(arguments: [true, false]) func anEncryptedKeyIsNamed(isTraditional: Bool) throws {
    let openssl = try OpenSSLCommand()
    try openssl.write(key, to: "plain")
    let result =
      isTraditional
      ? try openssl("ec", "-in", "plain", "-aes256", "-passout", "pass:secret", "-out", "encrypted")
      : try openssl("pkcs8", "-topk8", "-in", "plain", "-passout", "pass:secret", "-out", "encrypted")
    try #require(result.status == 0, "\(result)")
    let problem = keyProblem(Array(try openssl.read("encrypted").utf8))
    #expect(problem.contains("is encrypted, and Milvus cannot ask for a passphrase"))
  }

  @Test func aCurveThatGoDoesNotHaveIsNamed() throws {
    let openssl = try OpenSSLCommand()
    let result = try openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-out", "key")
    try #require(result.status == 0, "\(result)")
    let problem = keyProblem(Array(try openssl.read("key").utf8))
    #expect(problem.contains("an elliptic curve that Go does not support (secp256k1)"))
  }

  private func certificateProblem(_ bytes: [UInt8]) -> String {
    do {
      _ = try GoPEMFile(bytes).leaf()
      return ""
    } catch {
      return error.reason
    }
  }

  private func keyProblem(_ bytes: [UInt8]) -> String {
    do {
      try GoPEMFile(bytes).checkKey()
      return ""
    } catch {
      return error.reason
    }
  }
}
