import ArgumentParser
import Foundation
import MilvusTLS
import PKI

/// `milvus-tls certs create`: what gen.sh does, without openssl.
struct CreateCertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Create a CA, a server and a client certificate in a folder.",
    discussion: """
      Writes the files of the manual's gen.sh: ca.key, ca.pem, ca.srl, server.key, server.pem, client.key and client.pem. \
      Keys have mode 0600. All files are written, or none.

      The server certificate is for its common name, localhost, 127.0.0.1, ::1, and every --dns and --ip.

      Examples:
        # For a Milvus that clients reach at milvus.example.com
        milvus-tls certs create --out tls --common-name milvus.example.com

        # As gen.sh: RSA keys, and signing requests as in the older manual
        milvus-tls certs create --out tls --key rsa-2048 --csr --country US \\
          --province CA --locality "Redwood City" --organization zilliz

        # Further names and addresses, for a year
        milvus-tls certs create --out tls --dns "*.example.com" --ip 10.0.0.7 \\
          --days 365
      """
  )

  @Option(help: ArgumentHelp("Folder for the files; created with mode 0700 if missing.", valueName: "folder"))
  var out: String

  @OptionGroup(title: "Subject")
  var subject: SubjectOptions

  @OptionGroup(title: "Names")
  var names: NameOptions

  @Option(
    help: ArgumentHelp("Type of all three keys: \(KeyType.list). Default: ecdsa-p256.", valueName: "type"),
    transform: KeyType.init(argument:)
  )
  var key = KeyType.ecdsaP256

  @Option(
    help: ArgumentHelp(
      "Lifetime of the server and client certificate. gen.sh: ExpireDays. Default: 3650.",
      valueName: "days"
    ),
    transform: Lifetime.init(argument:)
  )
  var days = Self.standardLifetime

  @Option(
    help: ArgumentHelp("Lifetime of the CA certificate. Default: 36500.", valueName: "days"),
    transform: Lifetime.init(argument:)
  )
  var caDays = Lifetime(days: 36500)

  @Flag(help: "Write server.csr and client.csr too.")
  var csr = false

  @Flag(help: "Overwrite files that exist, the key of the CA included.")
  var force = false

  @Option(name: .shortAndLong, help: "Output format.")
  var output: OutputFormat = .table

  /// What gen.sh has.
  static let standardLifetime = Lifetime(days: 3650)

  func validate() throws {
    if out.isEmpty { throw ValidationError("--out \"\": must not be empty") }
  }

  func run() throws {
    Interruption.handle()
    let now = Date.presentSecond
    let folder = CertificateFolder(path: out)
    // Before the keys are made, which takes a while.
    try folder.checkFree(for: fileNames, replacing: force)
    let server = try serverPlan()
    _ = try server.request(at: now)
    let authority = try CertificateAuthority.selfSigned(
      subject: AuthorityName.subject(replacing: nil, server: server.subject.commonName, subject, avoiding: []),
      algorithm: key.algorithm,
      validity: caDays.validity(from: now)
    )
    var issuer = LeafIssuer(authority, writesRequests: csr, now: now)
    let leaves = try issuer.issue(server) + issuer.issue(clientPlan())
    let files =
      try AuthorityFiles.files(authority, bundle: [authority.certificate]) + leaves
      + [issuer.serialFile].compactMap(\.self)
    try folder.write(files, replacing: force)
    let report = IssuedReport(folder: folder, files: files, advice: Self.advice, now: now)
    try StandardOutput.write(report.text(output))
  }

  private static let advice = """
    Milvus reads server.pem, server.key and ca.pem. Clients read ca.pem, and with two-way TLS client.pem and client.key.
    Keep ca.key and ca.srl in a safe place: certs renew needs them.
    """

  private var fileNames: [String] {
    let leaves = [Purpose.server, .client].map(FileName.leaf)
    return [FileName.authorityKey, FileName.authorityCertificate, FileName.serialNumber]
      + leaves.flatMap { [$0.key, $0.certificate] } + (csr ? leaves.map(\.request) : [])
  }

  private func serverPlan() throws -> LeafPlan {
    let common = CommonName(subject.commonName ?? "localhost")
    return LeafPlan(
      purpose: .server,
      subject: try subject.subject(replacing: nil, commonName: subject.commonName ?? "localhost"),
      dnsNames: common.dnsNames + ["localhost"] + names.dnsNames,
      ipAddresses: common.ipAddresses + ["127.0.0.1", "::1"] + names.ipAddresses,
      algorithm: key.algorithm,
      lifetime: days
    )
  }

  private func clientPlan() throws -> LeafPlan {
    LeafPlan(
      purpose: .client,
      subject: try subject.subject(replacing: nil, commonName: "client"),
      dnsNames: [],
      ipAddresses: [],
      algorithm: key.algorithm,
      lifetime: days
    )
  }
}
