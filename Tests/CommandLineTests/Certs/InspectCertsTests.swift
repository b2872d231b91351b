import ClusterSimulator
import Foundation
import JSON
import PKI
import Testing

@testable import milvus_tls

@Suite(.timeLimit(.minutes(5))) struct InspectCertsTests {
  /// A folder of `certs create`.
  private func withCertificates(_ options: String..., body: (Folder) async throws -> Void) async throws {
    let folder = try Folder()
    defer { folder.remove() }
    let run = try ProgramRun(["certs", "create", "--out", folder.path] + options)
    try #require(run.status == 0, "\(run.errors)")
    try await body(folder)
  }

  private func json(_ arguments: [String]) async throws -> JSONValue {
    let run = try await ProgramRun.run(["certs", "inspect", "-o", "json"] + arguments)
    try #require(run.status == 0, "\(run.errors)")
    #expect(!run.output.contains("PRIVATE"))
    return try JSONValue(parsing: run.output)
  }

  private func findings(_ document: JSONValue) -> [String] {
    (document["findings"]?.array ?? []).map { "\($0["severity"]?.string ?? ""): \($0["message"]?.string ?? "")" }
  }

  @Test func aFileIsComparedWithItsKeyAndItsCA() async throws {
    try await withCertificates("--days", "365") { folder in
      let run = try ProgramRun(["certs", "inspect", "\(folder.path)/server.pem"])
      #expect(run.status == 0, "\(run.errors)")
      let rows = run.output.split(separator: "\n").map {
        $0.split(separator: "   ", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      }
      func value(_ name: String) -> String? { rows.first { $0.first == name }?.last }
      #expect(value("SUBJECT") == "CN=localhost")
      #expect(value("ISSUED BY") == "CN=localhost authority in ca.pem")
      #expect(value("NAMES") == "localhost, 127.0.0.1, ::1")
      #expect(value("KEY") == "ECDSA P-256")
      #expect(value("PURPOSE") == "serverAuth")
      #expect(value("EXPIRES")?.hasSuffix(" (in 364 days)") == true)
      #expect(value("SERIAL")?.uppercased() == (try folder.serialNumber(of: "server.pem")))
      #expect(run.output.hasSuffix("\nMilvus objects to nothing (compared with server.key, ca.pem).\n"))
      let client = try await json(["\(folder.path)/client.pem"])
      #expect(findings(client) == [])
      #expect(client["certificates"]?.array?.first?["extendedKeyUsages"] == ["clientAuth"])
      #expect(client["comparedWith"] == ["client.key", "ca.pem"])
      let authority = try await json(["\(folder.path)/ca.pem"])
      #expect(findings(authority) == [])
      #expect(authority["certificates"]?.array?.first?["isCA"] == true)
      #expect(authority["comparedWith"] == ["ca.key"])
    }
  }

  @Test func whatMilvusObjectsToIsSaid() async throws {
    try await withCertificates { folder in
      let server = "\(folder.path)/server.pem"
      try folder.openssl("genpkey", "-algorithm", "ed25519", "-out", "server.key")
      #expect(findings(try await json([server])) == ["error: server.key is not the private key of server.pem"])
      // Of another CA, without names.
      try folder.openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        "server.key",
        "-subj",
        "/CN=alone",
        "-days",
        "90",
        "-out",
        "server.pem",
        "-addext",
        "basicConstraints=critical,CA:FALSE"
      )
      #expect(
        findings(try await json([server])) == [
          "warning: server.pem is not verified by ca.pem: it is issued by CN=alone, which is not among the trusted CAs, or an intermediate certificate is missing",
          "warning: server.pem has no names (subjectAltName): internal TLS and clients that ignore the common name refuse it",
        ]
      )
      try folder.openssl("req", "-new", "-key", "server.key", "-subj", "/CN=v1", "-out", "v1.csr")
      try folder.openssl(
        "x509",
        "-req",
        "-in",
        "v1.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-days",
        "90",
        "-out",
        "server.pem"
      )
      #expect(
        findings(try await json([server])) == [
          "warning: server.pem is X.509 version 1, which has no names (subjectAltName): internal TLS and clients that ignore the common name refuse it"
        ]
      )
    }
  }

  @Test func aClientOfAnotherCAIsRefused() async throws {
    try await withCertificates { folder in
      try await withCertificates { other in
        for name in ["client.pem", "client.key"] { try folder.write(other.text(name), to: name) }
        let found = findings(try await json(["\(folder.path)/client.pem"]))
        #expect(found.count == 1 && found[0].hasPrefix("error: client.pem is not verified by ca.pem: it "), "\(found)")
      }
    }
  }

  @Test func oneExpiredCAOfABundleIsAWarningAndTheLastOneAnError() async throws {
    try await withCertificates { folder in
      let validity = Validity(notBefore: .now - 7200, notAfter: .now - 1)
      let subject = try DistinguishedName(commonName: "ended")
      let ended = try CertificateAuthority.selfSigned(subject: subject, algorithm: .ed25519, validity: validity)
      let message = "ca.pem: the CA CN=ended expired at \(validity.notAfter.formatted(.iso8601))"
      try folder.write(folder.text("ca.pem") + ended.certificate.pem, to: "ca.pem")
      #expect(findings(try await json(["\(folder.path)/ca.pem"])) == ["warning: \(message)"])
      try folder.write(ended.certificate.pem, to: "ca.pem")
      let expected = ["error: \(message)", "error: ca.key is not the private key of any certificate in ca.pem"]
      #expect(findings(try await json(["\(folder.path)/ca.pem"])) == expected)
    }
  }

  @Test(arguments: [
    (
      GenScript.older, "server.pem",
      "warning: server.pem has no names (subjectAltName): internal TLS and clients that ignore the common name refuse it"
    ),
    (.newer, "client.pem", "error: client.pem is no client certificate: its extendedKeyUsage lacks clientAuth"),
  ])
  func theFaultsOfTheScriptAreFound(script: GenScript, file: String, finding: String) async throws {
    let folder = try Folder()
    defer { folder.remove() }
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    try script.run(in: folder)
    #expect(findings(try await json(["\(folder.path)/\(file)"])) == [finding])
  }

  @Test func standardInputHoldsSeveralCertificates() async throws {
    try await withCertificates { folder in
      let process = Process(milvusTLS: ["certs", "inspect", "-", "-o", "json"])
      let (input, output) = (Pipe(), Pipe())
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      let text = try folder.text("server.pem") + folder.text("ca.pem") + folder.text("server.key")
      try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
      try input.fileHandleForWriting.close()
      let answer = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(!answer.contains("PRIVATE"))
      let certificates = try JSONValue(parsing: answer)["certificates"]?.array ?? []
      #expect(
        certificates.compactMap { $0["issuedBy"]?.string } == ["CN=localhost authority in standard input", "itself"]
      )
    }
  }

  @Test func aSecretIsReadAndItsKeyComparedButNeverPrinted() async throws {
    try await withCertificates { folder in
      try await Cluster.run { cluster in
        var data = try ["server.pem", "server.key", "ca.pem"].reduce(into: [:]) { $0[$1] = try folder.text($1) }
        try await cluster.put(secret: "certs", data)
        let good = try await json(["secret/certs", "--kubeconfig", cluster.kubeconfig])
        #expect(good["certificates"]?.array?.compactMap { $0["file"]?.string } == ["ca.pem", "server.pem"])
        #expect(findings(good) == [])
        #expect(good["comparedWith"] == ["server.key", "ca.pem"])
        data["server.key"] = try folder.text("client.key")
        try await cluster.put(secret: "mixed", data)
        let bad = try await json(["secret/mixed", "-n", "default", "--kubeconfig", cluster.kubeconfig])
        #expect(findings(bad) == ["error: server.key is not the private key of server.pem"])
        let missing = try await cluster.run("certs", "inspect", "secret/none")
        #expect(missing.status == 1)
        #expect(missing.errors == "Error: Secret \"none\" not found in namespace default\n")
        try await cluster.put(secret: "other", ["password": "x"])
        let other = try await cluster.run("certs", "inspect", "secret/other")
        #expect(other.status == 1)
        #expect(other.errors == "Error: Secret default/other has no certificate; its keys are: password\n")
      }
    }
  }

  @Test func aServerIsAskedForItsCertificate() async throws {
    try await withCertificates { folder in
      try folder.openssl("req", "-new", "-key", "server.key", "-subj", "/CN=other", "-out", "other.csr")
      try folder.write("subjectAltName=DNS:other.example.com", to: "other.cnf")
      try folder.openssl(
        "x509",
        "-req",
        "-in",
        "other.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-days",
        "90",
        "-out",
        "other.pem",
        "-extfile",
        "other.cnf"
      )
      let expected = [
        "server.pem": [],
        "other.pem": [
          "warning: ADDRESS does not cover 127.0.0.1: a client has to set a server name that is among its names"
        ],
      ]
      for (file, messages) in expected {
        try await withServer(of: file, in: folder) { address in
          let document = try await json([address])
          let certificate = document["certificates"]?.array?.first
          #expect(certificate?["serialNumber"]?.string?.uppercased() == (try folder.serialNumber(of: file)))
          #expect(document["handshake"]?["requestsClientCertificate"] == true)
          #expect(document["handshake"]?["protocol"] == "TLS 1.3")
          #expect(findings(document) == messages.map { $0.replacing("ADDRESS", with: address) })
        }
      }
    }
  }

  /// Runs with `openssl s_server`, which requires a client certificate.
  private func withServer(of certificate: String, in folder: Folder, _ body: (String) async throws -> Void) async throws
  {
    let server = Process()
    let output = Pipe()
    server.executableURL = URL(filePath: "/usr/bin/env")
    server.currentDirectoryURL = URL(filePath: folder.path)
    server.arguments =
      ["timeout", "60", "openssl", "s_server", "-accept", "127.0.0.1:0", "-Verify", "1"]
      + ["-cert", certificate, "-key", "server.key"]
    server.standardInput = Pipe()
    server.standardOutput = output
    server.standardError = FileHandle.nullDevice
    try server.run()
    defer { server.terminate() }
    for await line in Lines(output.fileHandleForReading) where line.hasPrefix("ACCEPT ") {
      return try await body(String(line.dropFirst("ACCEPT ".count)))
    }
    Issue.record("openssl s_server did not start")
  }
}
