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

      With --authority, also makes a new CA: ca.pem then holds the new and the old one.

      Examples:
        # Before the certificates expire
        milvus-tls certs renew --dir tls

        # Another name, and half a year
        milvus-tls certs renew --dir tls --dns milvus.example.com --days 180

        # A new CA: give ca.pem to all clients before the new certificates
        milvus-tls certs renew --dir tls --authority
      """
  )

  @Option(help: ArgumentHelp("Folder with ca.key, ca.pem and the old certificates.", valueName: "folder"))
  var dir: String

  @Flag(help: "Make a new CA, and keep the old one in ca.pem.")
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
  }

  func run() throws {
    Interruption.handle()
    let now = Date.presentSecond
    let folder = CertificateFolder(path: dir)
    let kept = try KeptCertificates(in: folder)
    let server = try serverPlan(kept, now: now)
    let (issuing, authorityFiles) = try issuingAuthority(kept, server: server, now: now)
    var issuer = LeafIssuer(
      issuing,
      after: authority ? nil : try kept.lastSerialNumber(),
      beside: [kept.server, kept.client].compactMap(\.self),
      intermediates: kept.intermediates(from: issuing.certificate),
      writesRequests: kept.hasRequests,
      now: now
    )
    let leaves = try issuer.issue(server) + issuer.issue(clientPlan(kept, server: server))
    let files = authorityFiles + leaves + [issuer.serialFile].compactMap(\.self)
    try folder.write(files, replacing: true, keepingOwners: true)
    warn(of: issuing.certificate, server: server, now: now)
    let report = IssuedReport(
      folder: folder,
      files: files,
      advice: authority
        ? Self.adviceForAuthority : "Restart Milvus to load them: it reads certificates only when it starts.",
      now: now
    )
    print(try report.text(output), terminator: "")
  }

  private static let adviceForAuthority = """
    First give ca.pem, which holds the new and the old CA, to every client and to Milvus, and restart them.
    Then give them the new certificates and keys, and restart them again.
    """

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

  /// The CA that issues, and its files where it is new.
  private func issuingAuthority(
    _ kept: KeptCertificates,
    server: LeafPlan,
    now: Date
  ) throws -> (CertificateAuthority, [NewFile]) {
    guard authority else { return (try kept.authority(at: now), []) }
    guard let old = kept.authorities.first else { return (try kept.authority(at: now), []) }
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
    return (new, try AuthorityFiles.files(new, bundle: [new.certificate] + trusted))
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
