import Foundation
import JSON
import Testing

@testable import milvus_tls

@Suite(.timeLimit(.minutes(5))) struct CreateCertsTests {
  private static let seven = GenScript.newer.files

  @Test(arguments: KeyType.allCases)
  func everyKeyTypePassesStrictVerificationForBothPurposes(key: KeyType) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let run = try ProgramRun(["certs", "create", "--out", folder.path, "--key", key.rawValue])
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    #expect(try folder.names() == Self.seven)
    try folder.verify()
    try folder.expectMatchingKeys()
    let text = try folder.openssl("x509", "-in", "server.pem", "-noout", "-text")
    let named = ["rsaEncryption", "id-ecPublicKey", "ED25519"].filter { text.contains("Public Key Algorithm: \($0)") }
    let expected = key == .ed25519 ? "ED25519" : key.rawValue.hasPrefix("rsa") ? "rsaEncryption" : "id-ecPublicKey"
    #expect(named == [expected])
    if let bits = Int(key.rawValue.filter(\.isNumber)), key != .ed25519 { #expect(text.contains("(\(bits) bit)")) }
    for name in ["localhost"] {
      try folder.openssl("verify", "-CAfile", "ca.pem", "-verify_hostname", name, "server.pem")
    }
    for address in ["127.0.0.1", "::1"] {
      try folder.openssl("verify", "-CAfile", "ca.pem", "-verify_ip", address, "server.pem")
    }
  }

  @Test func keysAreForTheirOwnerAloneAndTheSerialNumbersCount() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let run = try ProgramRun(["certs", "create", "--out", folder.path])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try folder.mode() == 0o700)
    for name in Self.seven { #expect(try folder.mode(name) == (name.hasSuffix(".key") ? 0o600 : 0o644), "\(name)") }
    let (server, client) = try (folder.serialNumber(of: "server.pem"), folder.serialNumber(of: "client.pem"))
    #expect(try folder.text("ca.srl") == client + "\n")
    #expect(try SerialNumberText(server).next == client)
    #expect(!run.output.contains("PRIVATE"))
    // openssl continues where the program ended.
    try folder.openssl("req", "-new", "-key", "client.key", "-subj", "/CN=next", "-out", "next.csr")
    try folder.openssl(
      "x509",
      "-req",
      "-in",
      "next.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAserial",
      "ca.srl",
      "-out",
      "next.pem"
    )
    #expect(try folder.serialNumber(of: "next.pem") == SerialNumberText(client).next)
  }

  @Test func everyVariableOfTheScriptHasAnOption() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let run = try ProgramRun([
      "certs", "create", "--out", folder.path, "--country", "US", "--province", "CA", "--locality", "Redwood City",
      "--organization", "zilliz", "--organizational-unit", "devops", "--common-name", "milvus.example.com",
      "--days", "10", "--ca-days", "20", "--dns", "*.search.example.com", "--dns", "b", "--ip", "10.0.0.7", "--csr",
      "-o", "json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try folder.names() == GenScript.older.files)
    let rest = "OU=devops,O=zilliz,L=Redwood City,ST=CA,C=US"
    #expect(try folder.subject(of: "ca.pem") == "subject=CN=milvus.example.com authority,\(rest)")
    #expect(try folder.subject(of: "server.pem") == "subject=CN=milvus.example.com,\(rest)")
    #expect(try folder.subject(of: "client.pem") == "subject=CN=client,\(rest)")
    let report = try JSONValue(parsing: run.output)
    let certificates = report["certificates"]?.array ?? []
    #expect(certificates.compactMap { $0["file"]?.string } == ["ca.pem", "server.pem", "client.pem"])
    #expect(certificates[1]["dnsNames"] == ["milvus.example.com", "localhost", "*.search.example.com", "b"])
    #expect(certificates[1]["ipAddresses"] == ["127.0.0.1", "::1", "10.0.0.7"])
    let days = certificates.compactMap { $0["secondsLeft"]?.integer.map { ($0 + 3600) / 86400 } }
    #expect(days == [20, 10, 10])
    for name in ["server", "client"] {
      let request = try folder.openssl("req", "-in", "\(name).csr", "-noout", "-verify", "-text")
      #expect(request.contains("verify OK") && request.contains("X509v3 Extended Key Usage"), "\(request)")
      let key = try folder.openssl("pkey", "-in", "\(name).key", "-pubout")
      #expect(try folder.openssl("req", "-in", "\(name).csr", "-noout", "-pubkey") == key)
    }
  }

  @Test func nothingIsOverwrittenWithoutForce() throws {
    let folder = try Folder()
    defer { folder.remove() }
    try folder.write("mine", to: "client.key")
    let before = try folder.snapshot()
    let refused = try ProgramRun(["certs", "create", "--out", folder.path])
    #expect(refused.status == 1)
    #expect(
      refused.errors == "Error: \(folder.path)/client.key exists: use --force to overwrite it, or another --out\n"
    )
    #expect(try folder.snapshot() == before)
    let forced = try ProgramRun(["certs", "create", "--out", folder.path, "--force"])
    #expect(forced.status == 0, "\(forced.errors)")
    #expect(try folder.names() == Self.seven)
    #expect(try folder.mode("client.key") == 0o600)
    try folder.verify()
  }
}

/// A number in hexadecimal digits.
struct SerialNumberText {
  private let digits: [Int]

  init(_ text: String) throws { digits = try text.map { try #require($0.hexDigitValue) } }

  /// The number that follows, in as many digits.
  var next: String {
    var digits = digits
    for index in digits.indices.reversed() {
      digits[index] = (digits[index] + 1) % 16
      if digits[index] != 0 { break }
    }
    return digits.map { String($0, radix: 16, uppercase: true) }.joined()
  }
}
