import JSON
import PKI
import Testing

@testable import MilvusTLS

/// The certificates of golden cases are wrong in the one way that each case is about.
@Suite struct ForeignSecretTests {
  private struct Files {
    let certificate: Certificate
    let key: PrivateKey
    let authority: Certificate

    init(faults: String) throws {
      let data = try ForeignSecretTests.secret("crt,key,ca", faults: faults).data()
      certificate = try Certificate(pem: data["crt"] ?? "")
      key = try PrivateKey(pem: data["key"] ?? "")
      authority = try Certificate(pem: data["ca"] ?? "")
    }

    var wrong: Set<String> {
      var wrong: Set<String> = []
      if certificate.notAfter < World.now { wrong.insert("expired") }
      if certificate.notBefore > World.now { wrong.insert("notYetValid") }
      if !certificate.matches(key) { wrong.insert("mismatch") }
      if !certificate.isIssued(by: authority) { wrong.insert("otherAuthority") }
      if certificate.extendedKeyUsages != [.serverAuth] { wrong.insert("clientOnly") }
      if certificate.publicKeyAlgorithm == .rsa(bits: 1024) { wrong.insert("weakKey") }
      if certificate.signatureAlgorithm.lowercased().contains("sha1") { wrong.insert("sha1") }
      return wrong
    }
  }

  private static func secret(_ keys: String, faults: String = "") throws -> ForeignSecret {
    let annotations: JSONValue = faults.isEmpty ? [:] : ["test/faults": .string(faults)]
    return try ForeignSecret([
      "metadata": ["name": "certs", "annotations": annotations.merging(["test/keys": .string(keys)])]
    ])
  }

  @Test(arguments: ["expired", "notYetValid", "mismatch", "otherAuthority", "clientOnly", "weakKey", "sha1"])
  func aFaultIsTheOnlyOne(fault: String) throws {
    #expect(try Files(faults: fault).wrong == [fault])
  }

  @Test func faultsComeTogether() throws {
    #expect(try Files(faults: "expired,clientOnly").wrong == ["expired", "clientOnly"])
  }

  @Test func aSecretWithoutFaultsIsGood() throws {
    let files = try Files(faults: "")
    #expect(files.wrong.isEmpty)
    #expect(files.certificate.dnsNames.contains("my-release-milvus.default.svc"))
  }

  @Test func anEmptyKeyIsMissingAndAFurtherOneHoldsAnotherFile() throws {
    let data = try Self.secret("server.pem,,ca.pem,notes").data()
    #expect(Set(data.keys) == ["server.pem", "ca.pem", "notes"])
    #expect(data["notes"] == "another file")
  }

  @Test func anUnknownFaultIsRefused() {
    #expect(throws: GoldenCase.Malformed.self) { try Self.secret("a,b,c", faults: "cursed") }
  }
}
