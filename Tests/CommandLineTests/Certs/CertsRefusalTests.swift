import Foundation
import PKI
import Testing

/// Wrong uses: one line that says what is wrong, status 1 or 2, and nothing written.
@Suite(.timeLimit(.minutes(5))) struct CertsRefusalTests {
  struct WrongUse: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let message: String
    var status: Int32 = 2
    var testDescription: String { arguments.joined(separator: " ") }
  }

  /// `DIR` stands for a folder with certificates, `NEW` for a path in it where nothing is.
  private static let wrongUses = [
    WrongUse(arguments: ["create"], message: "Missing expected argument '--out <folder>'"),
    WrongUse(arguments: ["create", "--out", ""], message: "--out \"\": must not be empty"),
    WrongUse(
      arguments: ["create", "--out", "NEW", "--frce"],
      message: "Unknown option '--frce'. Did you mean '--force'?"
    ),
    WrongUse(
      arguments: ["create", "--out", "NEW", "--key", "dsa"],
      message:
        "The value 'dsa' is invalid for '--key <type>': must be one of rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384, ed25519"
    ),
    WrongUse(
      arguments: ["create", "--out", "NEW", "--days", "0"],
      message: "The value '0' is invalid for '--days <days>': must be a number of days from 1 to 365000"
    ),
    WrongUse(
      arguments: ["create", "--out", "NEW", "--country", "USA"],
      message: "country \"USA\" is not a two-letter code of ISO 3166"
    ),
    WrongUse(
      arguments: ["create", "--out", "NEW", "--common-name", ""],
      message: "--common-name \"\": must not be empty"
    ),
    WrongUse(
      arguments: ["create", "--out", "NEW", "--ip", "300.1.1.1"],
      message: "\"300.1.1.1\" is not an IPv4 or IPv6 address"
    ),
    WrongUse(
      arguments: ["create", "--out", "NEW", "--dns", "a b"],
      message:
        "\"a b\" is not a valid DNS name: labels have only the letters a to z, digits, hyphens and underscores (other scripts in their xn-- form)"
    ),
    WrongUse(
      arguments: ["create", "--out", "NEW/below"],
      message: "NEW/below: No such file or directory: check the path; no file was changed",
      status: 1
    ),
    WrongUse(
      arguments: ["create", "--out", "DIR/server.pem"],
      message: "DIR/server.pem: must be a folder; no file was changed",
      status: 1
    ),
    WrongUse(
      arguments: ["create", "--out", "DIR"],
      message: "DIR/ca.key exists: use --force to overwrite it, or another --out",
      status: 1
    ),
    WrongUse(arguments: ["renew"], message: "Missing expected argument '--dir <folder>'"),
    WrongUse(arguments: ["renew", "--dir", "DIR", "--ca-days", "9"], message: "--ca-days: requires --authority"),
    WrongUse(
      arguments: ["renew", "--dir", "DIR", "--authority", "--dns", "a"],
      message: "--authority: makes a CA alone; use --days, --dns and --ip with the renewal after it"
    ),
    WrongUse(
      arguments: ["renew", "--dir", "NEW"],
      message: "NEW/ca.pem: No such file or directory: check the path",
      status: 1
    ),
    WrongUse(arguments: ["inspect"], message: "Missing expected argument '<FILE|-|secret/NAME|HOST:PORT>'"),
    WrongUse(
      arguments: ["inspect", "NEW"],
      message: "NEW: No such file or directory: check the path",
      status: 1
    ),
    WrongUse(arguments: ["inspect", "DIR"], message: "DIR: Is a directory: name a file in it", status: 1),
    WrongUse(
      arguments: ["inspect", "DIR/server.key"],
      message: "server.key holds a private key instead of a certificate",
      status: 1
    ),
    WrongUse(arguments: ["inspect", "-"], message: "standard input is empty", status: 1),
    WrongUse(
      arguments: ["inspect", "/dev/zero"],
      message: "/dev/zero is over 1 MiB: name a file with certificates in PEM",
      status: 1
    ),
    WrongUse(
      arguments: ["inspect", "localhost:70000"],
      message:
        "The value 'localhost:70000' is invalid for '<FILE|-|secret/NAME|HOST:PORT>': \"localhost:70000\": the port must be from 1 to 65535"
    ),
    WrongUse(
      arguments: ["inspect", "localhost:1"],
      message: "localhost:1: connection refused: nothing listens on the port",
      status: 1
    ),
    WrongUse(
      arguments: ["inspect", "secret/Certs"],
      message:
        "The value 'secret/Certs' is invalid for '<FILE|-|secret/NAME|HOST:PORT>': \"secret/Certs\": must be secret/NAME, for example secret/certs"
    ),
    WrongUse(
      arguments: ["inspect", "secret/certs"],
      message: "configuration: kubeconfig /nonexistent: no such file",
      status: 1
    ),
  ]

  @Test(arguments: wrongUses)
  func aWrongUseIsSaidInOneLine(use: WrongUse) throws {
    let folder = try Folder()
    defer { folder.remove() }
    try #require(try ProgramRun(["certs", "create", "--out", folder.path]).status == 0)
    try expect(use, in: folder)
  }

  private func expect(_ use: WrongUse, in folder: Folder) throws {
    let place = { (text: String) in
      text.replacing("DIR", with: folder.path).replacing("NEW", with: "\(folder.path)/new")
    }
    let before = try folder.snapshot()
    let run = try ProgramRun(["certs"] + use.arguments.map(place))
    #expect(run.status == use.status)
    #expect(run.output == "")
    // The parser adds how to get help.
    let lines = run.errors.split(separator: "\n").map(String.init)
    #expect(lines.first == "Error: \(place(use.message))")
    #expect(
      lines.dropFirst().allSatisfy { $0.hasPrefix("Usage: ") || $0.hasPrefix("Help: ") || $0.hasPrefix("  See ") }
    )
    if use.status == 1 { #expect(lines.count == 1, "\(run.errors)") }
    #expect(try folder.snapshot() == before)
  }

  struct DamagedFolder: Sendable, CustomTestStringConvertible {
    /// Of the shell, in the folder.
    let damage: String
    var arguments: [String] = []
    let message: String
    var testDescription: String { damage }
  }

  private static let restore = "restore it from a backup, or use --authority to make a new CA"

  @Test(arguments: [
    DamagedFolder(
      damage: "rm ca.key",
      message: "DIR/ca.key: No such file or directory: check the path"
    ),
    DamagedFolder(
      damage: "echo damaged > ca.key",
      message:
        "DIR/ca.key: cannot read a private key: the text contains no PEM private key (-----BEGIN PRIVATE KEY-----); \(restore)"
    ),
    DamagedFolder(
      damage: "openssl pkey -in ca.key -aes128 -passout pass:secret -out new.key && mv new.key ca.key",
      message:
        "DIR/ca.key: cannot read a private key: the private key is encrypted; store it without a passphrase; \(restore)"
    ),
    DamagedFolder(
      damage: "cp client.key ca.key",
      message: "DIR/ca.key is not the private key of a certificate in DIR/ca.pem; \(restore)"
    ),
    DamagedFolder(
      damage: "echo > ca.pem",
      message:
        "DIR/ca.pem: cannot read a certificate: the text contains no PEM certificate (-----BEGIN CERTIFICATE-----); restore it from a backup"
    ),
    DamagedFolder(
      damage: "echo no number > ca.srl",
      message:
        "DIR/ca.srl must hold a serial number of up to 40 hexadecimal digits: remove it to continue with a random one"
    ),
    DamagedFolder(
      damage: "rm server.pem",
      message: "DIR/server.pem does not exist, so its names are not known: use --common-name"
    ),
    DamagedFolder(
      damage: "openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=weak -days 9 -out server.pem -keyout server.key",
      message:
        "server.pem has a key (RSA 1024) that is not generated any more: use --key with rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384, ed25519"
    ),
    DamagedFolder(
      damage: "touch server.pem.bak",
      message: "DIR/server.pem.bak exists, perhaps the old server.pem from a run that was killed: move it back, or away"
    ),
  ])
  func aDamagedFolderIsLeftAsItIs(damaged: DamagedFolder) throws {
    let folder = try Folder()
    defer { folder.remove() }
    try #require(try ProgramRun(["certs", "create", "--out", folder.path]).status == 0)
    let (status, output) = try folder.run(["sh", "-c", damaged.damage])
    try #require(status == 0, "\(output)")
    let use = WrongUse(arguments: ["renew", "--dir", "DIR"] + damaged.arguments, message: damaged.message, status: 1)
    try expect(use, in: folder)
  }

  @Test func anExpiredAuthorityIssuesNothingAndGivesWayToANewOne() throws {
    let folder = try Folder()
    defer { folder.remove() }
    try #require(try ProgramRun(["certs", "create", "--out", folder.path]).status == 0)
    let key = try PrivateKey(pem: folder.text("ca.key"))
    let validity = Validity(notBefore: .now - 7200, notAfter: .now - 1)
    try folder.write(
      CertificateAuthority.selfSigned(subject: DistinguishedName(commonName: "ended"), key: key, validity: validity)
        .certificate.pem,
      to: "ca.pem"
    )
    let time = validity.notAfter.formatted(.iso8601)
    let message = "DIR/ca.pem: the CA CN=ended expired at \(time): use --authority to make a new one"
    try expect(WrongUse(arguments: ["renew", "--dir", "DIR"], message: message, status: 1), in: folder)
    let run = try ProgramRun(["certs", "renew", "--dir", folder.path, "--authority", "--ca-days", "30"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try folder.text("ca.pem").components(separatedBy: "BEGIN CERTIFICATE").count == 2, "the ended one is gone")
    #expect(try ProgramRun(["certs", "renew", "--dir", folder.path]).status == 0)
    try folder.verify()
  }
}
