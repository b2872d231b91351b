import ArgumentParser
import Foundation
import MilvusTLS
import Observability
import PKI

/// `milvus-tls certs renew`: what renew.sh does, without openssl.
struct RenewCertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew",
    abstract: "Issue a new server and client certificate from the CA in a folder.",
    discussion: """
      Takes a folder of certs create or of the manual's gen.sh. Writes new keys and certificates for the server and the \
      client. Names, subject, key type and lifetime are those of the old ones, where no option says otherwise: --dns takes \
      the place of all old DNS names, --ip of all old addresses. The serial number in ca.srl is continued. Old files stay \
      as FILE.bak until all new ones are in place.

      With --authority, makes a new CA in place of that: ca.pem then holds the new and the old one, and the next renewal \
      issues from the new one.

      Examples:
        # Before the certificates expire
        milvus-tls certs renew --dir tls

        # Another name, and half a year
        milvus-tls certs renew --dir tls --dns milvus.example.com --days 180

        # A new CA: give ca.pem to all clients and to Milvus, then issue from it
        milvus-tls certs renew --dir tls --authority
        milvus-tls certs renew --dir tls
      """
  )

  @Option(help: ArgumentHelp("Folder with ca.key, ca.pem and the old certificates.", valueName: "folder"))
  var dir: String

  @Flag(help: "Make a new CA alone, and keep the old one in ca.pem.")
  var authority = false

  @OptionGroup(title: "Subject")
  var subject: SubjectOptions

  @OptionGroup(title: "Names")
  var names: NameOptions

  @Option(
    help: ArgumentHelp("Type of the new keys: \(KeyType.list). Default: that of the old ones.", valueName: "type"),
    transform: KeyType.init(argument:)
  )
  var key: KeyType?

  @Option(
    help: ArgumentHelp("Lifetime of the new certificates. Default: that of the old ones.", valueName: "days"),
    transform: Lifetime.init(argument:)
  )
  var days: Lifetime?

  @Option(
    help: ArgumentHelp(
      "Lifetime of the new CA; requires --authority. Default: that of the old one.",
      valueName: "days"
    ),
    transform: Lifetime.init(argument:)
  )
  var caDays: Lifetime?

  @Option(name: .shortAndLong, help: "Output format.")
  var output: OutputFormat = .table

  func validate() throws {
    if dir.isEmpty { throw ValidationError("--dir \"\": must not be empty") }
    if caDays != nil, !authority { throw ValidationError("--ca-days: requires --authority") }
    let isOfLeaves = days != nil || !names.dnsNames.isEmpty || !names.ipAddresses.isEmpty
    if authority, isOfLeaves {
      throw ValidationError("--authority: makes a CA alone; use --days, --dns and --ip with the renewal after it")
    }
  }

  func run() throws {
    Interruption.handle()
    let now = Date.presentSecond
    let folder = CertificateFolder(path: dir)
    let kept = try KeptCertificates(in: folder)
    let server = try serverPlan(kept, now: now)
    let files = authority ? try newAuthority(kept, server, now: now) : try newLeaves(kept, server, now: now)
    try folder.write(files, replacing: true, keepingOwners: true)
    let report = IssuedReport(
      folder: folder,
      files: files,
      advice: authority ? adviceForAuthority : Self.advice,
      now: now
    )
    try StandardOutput.write(report.text(output))
  }

  private static let advice = "Restart Milvus to load them: it reads certificates only when it starts."

  /// Nobody who trusts the old CA alone takes a certificate of the new one: these come with the next renewal.
  private var adviceForAuthority: String {
    """
    Give ca.pem, which holds the new and the old CA, to every client and to Milvus, and restart them. Server and client
    keep their certificates until then. Afterwards run: milvus-tls certs renew --dir \(dir)
    \(FileName.formerAuthorityKey) is the key of the old CA. Delete it when everybody has the new certificates.
    """
  }

  private func newLeaves(_ kept: KeptCertificates, _ server: LeafPlan, now: Date) throws -> [NewFile] {
    let issuing = try kept.authority(at: now)
    var issuer = LeafIssuer(
      issuing,
      after: try kept.lastSerialNumber(),
      beside: [kept.server, kept.client].compactMap(\.self),
      intermediates: kept.intermediates(from: issuing.certificate),
      writesRequests: kept.hasRequests,
      now: now
    )
    warn(of: issuing.certificate, server: server, now: now)
    return try issuer.issue(server) + issuer.issue(clientPlan(kept, server: server))
      + [issuer.serialFile].compactMap(\.self)
  }

  /// The certificates end with their CA. Less than a day is not worth a word: the older manual gives both the same days.
  private func warn(of authority: Certificate, server: LeafPlan, now: Date) {
    guard server.lifetime.validity(from: now).notAfter > authority.notAfter + 86400 else { return }
    StandardError.write(
      "Warning: the CA \(authority.subject) expires at \(authority.notAfter.kubernetesTime), and with it the new "
        + "certificates: use --authority to make a new one\n"
    )
  }

  private func serverPlan(_ kept: KeptCertificates, now: Date) throws -> LeafPlan {
    let path = CertificateFolder(path: dir).path(of: FileName.leaf(.server).certificate)
    let commonName = subject.commonName ?? kept.server?.subject.commonName
    guard let commonName, kept.server != nil || subject.commonName != nil else {
      throw CommandFailure("\(path) does not exist, so its names are not known: use --common-name")
    }
    let common = CommonName(commonName)
    let plan = LeafPlan(
      purpose: .server,
      subject: try subject.subject(replacing: kept.server?.subject, commonName: commonName),
      dnsNames: (names.dnsNames.isEmpty ? kept.server?.dnsNames ?? [] : []) + common.dnsNames + names.dnsNames,
      ipAddresses: (names.ipAddresses.isEmpty ? kept.server?.ipAddresses ?? [] : []) + common.ipAddresses
        + names.ipAddresses,
      algorithm: try algorithm(of: kept.server, FileName.leaf(.server).certificate),
      lifetime: days ?? kept.server.map(Lifetime.init(of:)) ?? CreateCertsCommand.standardLifetime
    )
    _ = try plan.request(at: now)
    return plan
  }

  private func clientPlan(_ kept: KeptCertificates, server: LeafPlan) throws -> LeafPlan {
    let old = kept.client
    return LeafPlan(
      purpose: .client,
      subject: try subject.subject(
        replacing: old?.subject ?? server.subject,
        commonName: old?.subject.commonName ?? "client"
      ),
      dnsNames: old?.dnsNames ?? [],
      ipAddresses: old?.ipAddresses ?? [],
      algorithm: old == nil ? server.algorithm : try algorithm(of: old, FileName.leaf(.client).certificate),
      lifetime: days ?? old.map(Lifetime.init(of:)) ?? server.lifetime
    )
  }

  /// The files of a new CA: certificates of the old one stay in use.
  private func newAuthority(_ kept: KeptCertificates, _ server: LeafPlan, now: Date) throws -> [NewFile] {
    guard let old = kept.authorities.first else { throw CommandFailure("\(dir): there is no CA to replace") }
    let folder = CertificateFolder(path: dir)
    guard !folder.holds(FileName.formerAuthorityKey) else {
      throw CommandFailure(
        "\(folder.path(of: FileName.formerAuthorityKey)) is the key of a CA that was replaced before: run certs renew without "
          + "--authority if that is not finished, then delete the file"
      )
    }
    let trusted = kept.authorities.filter { $0.notAfter > now }
    let new = try CertificateAuthority.selfSigned(
      subject: AuthorityName.subject(
        replacing: old.subject,
        server: server.subject.commonName,
        subject,
        avoiding: kept.authorities
      ),
      algorithm: try algorithm(of: old, FileName.authorityCertificate),
      validity: (caDays ?? Lifetime(of: old)).validity(from: now)
    )
    let former = try kept.authorityKeyText.map { NewFile(FileName.formerAuthorityKey, $0, isPrivate: true) }
    return try AuthorityFiles.files(new, bundle: [new.certificate] + trusted) + [former].compactMap(\.self)
  }

  /// The type of the new key.
  /// - Parameter old: nil where there is none.
  private func algorithm(of old: Certificate?, _ name: String) throws -> PrivateKey.Algorithm {
    if let key { return key.algorithm }
    guard let old else { return KeyType.ecdsaP256.algorithm }
    guard let found = KeyType.allCases.first(where: { $0.algorithm == old.publicKeyAlgorithm }) else {
      let type = old.publicKeyAlgorithm?.description ?? "of another type"
      throw CommandFailure("\(name) has a key (\(type)) that is not generated any more: use --key with \(KeyType.list)")
    }
    return found.algorithm
  }
}
