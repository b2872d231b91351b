import Foundation
import JSON
import Testing

@testable import milvus_tls

@Suite(.timeLimit(.minutes(5))) struct RenewCertsTests {
  /// Runs with a folder of gen.sh, and a copy of what it was.
  private func withFolders(_ script: GenScript, _ body: (_ folder: Folder, _ old: Folder) throws -> Void) throws {
    let (folder, old) = (try Folder(), try Folder())
    defer {
      folder.remove()
      old.remove()
    }
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    try script.run(in: folder)
    try FileManager.default.copyItem(atPath: folder.path, toPath: old.path)
    try body(folder, old)
  }

  @Test(arguments: GenScript.allCases)
  func anAuthorityOfTheScriptIssuesCertificatesThatOldPeersAccept(script: GenScript) throws {
    try withFolders(script) { folder, old in
      let run = try ProgramRun(["certs", "renew", "--dir", folder.path])
      #expect(run.status == 0 && run.errors == "", "\(run.errors)")
      #expect(try folder.names() == script.files)
      for kept in ["ca.key", "ca.pem"] { #expect(try folder.text(kept) == old.text(kept)) }
      // New peers for the old CA, which has no key usage as strict peers want, and old peers for what the folder has now.
      try folder.verify(authorities: "\(old.path)/ca.pem", strict: false)
      let trusted = "\(folder.path)/ca.pem"
      try old.openssl("verify", "-purpose", "sslserver", "-CAfile", trusted, "server.pem")
      // The newer script gives its clients a certificate for servers, which no Milvus ever took.
      if script == .older { try old.openssl("verify", "-purpose", "sslclient", "-CAfile", trusted, "client.pem") }
      try folder.expectMatchingKeys()
      for name in ["server.key", "server.pem", "client.key", "client.pem"] {
        #expect(try folder.text(name) != old.text(name), "\(name)")
        #expect(try folder.mode(name) == old.mode(name), "\(name)")
      }
      let serials = try ["server.pem", "client.pem"].map(folder.serialNumber)
      let last = try String(old.text("ca.srl").dropLast())
      let first = try SerialNumberText(last).next
      #expect(serials == [first, try SerialNumberText(first).next])
      #expect(try folder.text("ca.srl") == serials[1] + "\n")
      let text = try folder.openssl("x509", "-in", "server.pem", "-noout", "-text")
      #expect(text.contains("DNS:localhost") && text.contains("(2048 bit)"), "\(text)")
      #expect(try folder.subject(of: "server.pem").hasPrefix("subject=CN=localhost,OU="))
      #expect(try folder.subject(of: "server.pem") != folder.subject(of: "ca.pem"))
      if script == .older {
        #expect(try folder.subject(of: "server.pem") == old.subject(of: "server.pem"))
        let key = try folder.openssl("pkey", "-in", "server.key", "-pubout")
        #expect(try folder.openssl("req", "-in", "server.csr", "-noout", "-pubkey") == key)
      }
    }
  }

  @Test(arguments: GenScript.allCases)
  func aNewAuthorityIsTrustedBesideTheOldOne(script: GenScript) throws {
    try withFolders(script) { folder, old in
      let run = try ProgramRun(["certs", "renew", "--dir", folder.path, "--authority", "--ca-days", "99", "-o", "json"])
      #expect(run.status == 0, "\(run.errors)")
      let certificates = try JSONValue(parsing: run.output)["certificates"]?.array ?? []
      #expect(certificates.compactMap { $0["file"]?.string } == ["ca.pem", "ca.pem"])
      #expect(try folder.text("ca.pem").hasSuffix(old.text("ca.pem")))
      #expect(try folder.text("ca.key") != old.text("ca.key"))
      #expect(try folder.text("ca.key.old") == old.text("ca.key"))
      // Nobody is cut off: what serves is what the old CA issued.
      for name in ["server.pem", "server.key", "client.pem", "client.key"] {
        #expect(try folder.text(name) == old.text(name))
      }
      let twice = try ProgramRun(["certs", "renew", "--dir", folder.path, "--authority"])
      #expect(twice.status == 1 && twice.errors.contains("ca.key.old is the key of a CA that was replaced before"))
      let renewed = try ProgramRun(["certs", "renew", "--dir", folder.path])
      #expect(renewed.status == 0, "\(renewed.errors)")
      try folder.verify()
      try folder.expectMatchingKeys()
      let trusted = "\(folder.path)/ca.pem"
      try old.openssl("verify", "-purpose", "sslserver", "-CAfile", trusted, "server.pem")
      if script == .older { try old.openssl("verify", "-purpose", "sslclient", "-CAfile", trusted, "client.pem") }
      let foreign = try folder.run(["openssl", "verify", "-CAfile", "\(old.path)/ca.pem", "server.pem"])
      #expect(foreign.status != 0, "the new certificates are not of the old CA")
      // Once more: three CAs, each with a name of its own.
      try FileManager.default.removeItem(atPath: "\(folder.path)/ca.key.old")
      let again = try ProgramRun(["certs", "renew", "--dir", folder.path, "--authority"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(try folder.subject(of: "ca.pem").hasPrefix("subject=CN=localhost authority v2,"))
      #expect(try folder.text("ca.pem").components(separatedBy: "BEGIN CERTIFICATE").count == 4)
    }
  }

  @Test func aNewKeyOfTheCAIsReadableForNobodyElse() throws {
    let folder = try Folder()
    defer { folder.remove() }
    #expect(try ProgramRun(["certs", "create", "--out", folder.path]).status == 0)
    let path = "\(folder.path)/ca.key"
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    #expect(try ProgramRun(["certs", "renew", "--dir", folder.path, "--authority"]).status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o640)
  }

  @Test func aSymbolicLinkIsNotReplaced() throws {
    let folder = try Folder()
    defer { folder.remove() }
    #expect(try ProgramRun(["certs", "create", "--out", folder.path]).status == 0)
    let path = "\(folder.path)/server.pem"
    try FileManager.default.moveItem(atPath: path, toPath: "\(folder.path)/real.pem")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "real.pem")
    let run = try ProgramRun(["certs", "renew", "--dir", folder.path])
    #expect(run.status == 1 && run.errors.contains("server.pem: is a symbolic link"), "\(run.errors)")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "real.pem")
  }

  @Test func optionsGoBeforeWhatTheOldCertificatesHave() throws {
    let folder = try Folder()
    defer { folder.remove() }
    let create = [
      "certs", "create", "--out", folder.path, "--dns", "old.example.com", "--organization", "o", "--days", "30",
    ]
    #expect(try ProgramRun(create).status == 0)
    let same = try ProgramRun(["certs", "renew", "--dir", folder.path, "-o", "json"])
    let kept = try JSONValue(parsing: same.output)["certificates"]?.array?.first
    #expect(kept?["dnsNames"] == ["localhost", "old.example.com"])
    #expect(kept?["ipAddresses"] == ["127.0.0.1", "::1"])
    #expect(kept?["publicKeyAlgorithm"] == "ECDSA P-256")
    #expect(kept?["secondsLeft"]?.integer.map { ($0 + 3600) / 86400 } == 30)
    let other = try ProgramRun([
      "certs", "renew", "--dir", folder.path, "-o", "json", "--dns", "new.example.com", "--days", "5", "--key",
      "rsa-3072", "--common-name", "db", "--organization", "",
    ])
    let changed = try JSONValue(parsing: other.output)["certificates"]?.array?.first
    #expect(changed?["dnsNames"] == ["db", "new.example.com"], "\(other.errors)")
    #expect(changed?["ipAddresses"] == ["127.0.0.1", "::1"])
    #expect(changed?["publicKeyAlgorithm"] == "RSA 3072")
    #expect(changed?["subject"] == "CN=db")
    #expect(changed?["secondsLeft"]?.integer.map { ($0 + 3600) / 86400 } == 5)
    try folder.verify()
  }

  @Test func aCertificateThatEndsWithItsAuthorityIsSaid() throws {
    let folder = try Folder()
    defer { folder.remove() }
    #expect(try ProgramRun(["certs", "create", "--out", folder.path, "--ca-days", "10", "--days", "5"]).status == 0)
    let run = try ProgramRun(["certs", "renew", "--dir", folder.path, "--days", "30"])
    #expect(run.status == 0)
    #expect(run.errors.hasPrefix("Warning: the CA CN=localhost authority expires at "), "\(run.errors)")
    #expect(run.errors.hasSuffix(": use --authority to make a new one\n"))
  }

  @Test func certificatesOfAnIntermediateComeWithIt() throws {
    let folder = try Folder()
    defer { folder.remove() }
    #expect(try ProgramRun(["certs", "create", "--out", folder.path]).status == 0)
    try folder.openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      "/CN=root",
      "-days",
      "90",
      "-keyout",
      "root.key",
      "-out",
      "root.pem",
      "-addext",
      "keyUsage=critical,keyCertSign"
    )
    try folder.write(
      "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n",
      to: "ca.cnf"
    )
    try folder.openssl("req", "-new", "-key", "ca.key", "-subj", "/CN=middle", "-out", "ca.csr")
    try folder.openssl(
      "x509",
      "-req",
      "-in",
      "ca.csr",
      "-CA",
      "root.pem",
      "-CAkey",
      "root.key",
      "-CAcreateserial",
      "-days",
      "60",
      "-extfile",
      "ca.cnf",
      "-out",
      "middle.pem"
    )
    try folder.write(folder.text("middle.pem") + folder.text("root.pem"), to: "ca.pem")
    let run = try ProgramRun(["certs", "renew", "--dir", folder.path])
    #expect(run.status == 0, "\(run.errors)")
    // A peer that knows the root alone.
    for name in ["server", "client"] {
      try folder.openssl(
        "verify",
        "-purpose",
        "ssl\(name)",
        "-CAfile",
        "root.pem",
        "-untrusted",
        "\(name).pem",
        "\(name).pem"
      )
    }
  }
}
