import Foundation
import PKI

/// The certificates that one Milvus needs, each with what its Secret holds.
struct CertificateSet {
  struct Entry {
    let desired: DesiredCertificate
    /// Nil where there is none.
    let secret: ObservedSecret?
  }

  let authority: Entry
  let server: Entry
  let clients: [Entry]
  /// Nil while there is no CA to sign anything.
  let rotation: AuthorityRotation?
  /// Whether the operator keeps the CA.
  let keepsAuthority: Bool
  /// What is wrong with a provided CA.
  private let authorityFaults: [String]
  private let milvus: ObservedMilvus
  private let now: Date

  /// The certificates that are specified.
  /// - Parameter isStepDone: whether every pod is known to run with what the present step of a CA rotation wrote.
  /// - Throws: `PKIError` for names that no certificate can carry.
  init(intent: TLSIntent, milvus: ObservedMilvus, observation: Observation, isStepDone: Bool = false) throws {
    let server = Entry(try DesiredCertificate(serverFor: intent), observation)
    let clients = try intent.secrets.clients.sorted { $0.key < $1.key }.map { name, secretName in
      Entry(try DesiredCertificate(client: name, secretName: secretName, for: intent), observation)
    }
    let secret = observation.secret(intent.secrets.authority)
    // Some chain builders confuse two CAs of the same name: a new one gets a name that none before it had.
    var former = Self.bundle(of: [server] + clients).map(\.subject.commonName)
    if let name = secret?.certificateContents?.certificate.subject.commonName { former.append(name) }
    let version = former.map(DesiredCertificate.version(ofAuthority:)).max() ?? 0
    var desired = try DesiredCertificate(authorityFor: intent, version: version + 1)
    if case .certificateLost(let key, _) = secret?.contents {
      // Everything that the CA issued names it by its subject.
      let standing = Self.bundle(of: [server] + clients).first { (try? $0.publicKeyFingerprint()) == key }
      desired.subject = try standing?.subject ?? DesiredCertificate(authorityFor: intent).subject
    }
    self.init(
      authority: Entry(desired: desired, secret: secret),
      server: server,
      clients: clients,
      spec: intent.spec,
      milvus: milvus,
      now: observation.now,
      isStepDone: isStepDone
    )
  }

  /// Certificates like those that are there, whatever is specified now.
  /// - Returns: nil where the server's certificate or the CA is not there.
  init?(like names: SecretNames, spec: MilvusTLSSpec, milvus: ObservedMilvus, observation: Observation) {
    func entry(_ name: String, _ role: SecretRole, _ client: String? = nil) -> Entry? {
      guard let secret = observation.secret(name), let contents = secret.certificateContents else { return nil }
      let desired = DesiredCertificate(
        like: contents.certificate,
        in: secret,
        role: role,
        client: client,
        spec: spec
      )
      return Entry(desired: desired, secret: secret)
    }
    guard let server = entry(names.server, .server), let authority = entry(names.authority, .authority) else {
      return nil
    }
    self.init(
      authority: authority,
      server: server,
      clients: names.clients.sorted { $0.key < $1.key }.compactMap { entry($0.value, .client, $0.key) },
      spec: spec,
      milvus: milvus,
      now: observation.now,
      isStepDone: false
    )
  }

  private init(
    authority: Entry,
    server: Entry,
    clients: [Entry],
    spec: MilvusTLSSpec,
    milvus: ObservedMilvus,
    now: Date,
    isStepDone: Bool
  ) {
    self.authority = authority
    self.server = server
    self.clients = clients
    self.milvus = milvus
    self.now = now
    let provided = authority.providedSecret(spec).map { ProvidedAuthority($0, now: now) }
    // A named CA is its owner's: it is never made.
    keepsAuthority = provided == nil && (spec.authority.secretName == nil || authority.secret != nil)
    authorityFaults = provided?.faults ?? []
    let issuer = provided == nil ? authority.contents.map { IssuingAuthority(root: $0.certificate) } : provided?.issuer
    rotation = issuer.map {
      AuthorityRotation(
        issuer: $0,
        next: authority.next(at: now),
        present: Self.bundle(of: [server] + clients),
        isRequested: authority.secret?.replacementReason == CertificateViolation.Reason.rotationRequested.rawValue,
        isStepDone: isStepDone,
        now: now
      )
    }
  }

  /// What the first readable `ca.pem` holds: that of the server, or, where its Secret is gone or damaged, of a client.
  /// A CA that the operator did not write there, and that issued none of the certificates, is left out.
  private static func bundle(of leaves: [Entry]) -> [Certificate] {
    guard let entry = leaves.first(where: { $0.contents != nil }), let contents = entry.contents else { return [] }
    return contents.authorities.filter { authority in
      entry.secret?.wasTrusted(authority) ?? true
        || leaves.contains { $0.contents?.certificate.isIssued(by: authority) ?? false }
    }
  }

  private var leaves: [Entry] { [server] + clients }
  private var entries: [Entry] { [authority] + leaves }

  /// The names of all Secrets, the authority's first.
  var secretNames: [String] { entries.map(\.desired.secretName) }

  /// Secrets that have lost their owner or a label.
  var orphans: [ObservedSecret] { entries.compactMap(\.secret).filter { $0.adoption(by: milvus) != nil } }

  // MARK: Writes

  /// The Secrets to write: the CA first, then everything that it issues.
  var needed: [TLSPlan.CertificateWrite] { writes { _ in true } }

  /// The same for Secrets that exist and are this Milvus's, where no new ones may be made: what serves is kept alive.
  var renewals: [TLSPlan.CertificateWrite] {
    // Two that share a name would take turns for ever.
    let doubled = doubledNames
    return writes { $0.secret != nil && !doubled.contains($0.desired.secretName) && $0.notReady(for: milvus) == nil }
  }

  private var doubledNames: Set<String> {
    Set(Dictionary(grouping: secretNames, by: { $0 }).filter { $0.value.count > 1 }.keys)
  }

  private func writes(where isIncluded: (Entry) -> Bool) -> [TLSPlan.CertificateWrite] {
    if keepsAuthority, let violation = authority.desired.violation(in: authority.secret, rotation: nil, now: now) {
      guard isIncluded(authority) else { return [] }
      return [TLSPlan.CertificateWrite(desired: authority.desired, violation: violation, replacing: authority.secret)]
    }
    guard let rotation else { return [] }
    return leaves.filter(isIncluded).compactMap { entry in
      entry.desired.violation(in: entry.secret, rotation: rotation, now: now).map { write(entry, $0, rotation) }
    }
  }

  private func write(
    _ entry: Entry,
    _ violation: CertificateViolation,
    _ rotation: AuthorityRotation
  ) -> TLSPlan.CertificateWrite {
    let isBundleKept = entry.contents?.authorities == rotation.bundle || violation.reason == .bundleTampered
    return TLSPlan.CertificateWrite(
      desired: entry.desired,
      authoritySecret: authority.desired.secretName,
      authorityVersion: authority.secret?.resourceVersion,
      rotation: rotation,
      trustedSince: isBundleKept ? entry.secret?.trustedSince : now,
      violation: violation,
      replacing: entry.secret
    )
  }

  // MARK: State

  /// Whether every `ca.pem` holds what the present step of a CA rotation puts there.
  var isBundleInPlace: Bool { leaves.allSatisfy { $0.contents?.authorities == rotation?.bundle } }

  /// Since when all Secrets of leaves hold the CAs that they hold.
  var trustedSince: Date { leaves.compactMap { $0.secret?.trustedSince }.max() ?? .distantPast }

  /// What is next in a CA rotation.
  var transition: AuthorityRotation.Transition? {
    rotation?.transition(authority, isOwn: keepsAuthority, now: now)
  }

  /// When something is due next by itself; nil where nothing is there.
  var nextDue: Date? {
    let leafTimes = leaves.compactMap { entry in
      entry.contents.map {
        RenewalSchedule.renewalTime(of: $0.certificate, renewBefore: entry.desired.renewBefore)
      }
    }
    // What is held back, or stays from a former CA, is replaced then whatever is under way.
    let critical = leaves.map { $0.contents.map { RenewalSchedule.criticalTime(of: $0.certificate) } }
    // A leaf capped by its CA has nothing to renew to: its renewal time passes without anything to do.
    return (leafTimes + (critical + authorityTimes).compactMap(\.self)).filter { $0 > now }.min()
  }

  private var authorityTimes: [Date?] {
    guard let certificate = authority.contents?.certificate else { return [rotation?.issuer.notAfter] }
    let sameKey = RenewalSchedule.sameKeyRenewalTime(of: certificate, overlap: authority.desired.overlap)
    return [RenewalSchedule.renewalTime(of: certificate, renewBefore: nil), sameKey, certificate.notAfter]
  }
}

// MARK: - Obstacles

extension CertificateSet {
  /// Why a Secret of a needed name may not be written; nil where all may.
  var notReady: NotReady? {
    if let name = doubledNames.min() {
      return NotReady(
        .invalidSpec,
        "spec: Secret \(name) is named more than once; authority, certificate and each client need a Secret of their own"
      )
    }
    if let problem = authority.secret?.contents.authorityProblem, keepsAuthority, authority.notReady(for: milvus) == nil
    {
      return NotReady(
        .authorityInvalid,
        "CA in Secret \(authority.desired.secretName) cannot be used: \(problem). Its key is never overwritten, and everything "
          + "that it issued stays in use. Restore the Secret, or delete it to have a new CA created"
      )
    }
    if !authorityFaults.isEmpty {
      let name = authority.desired.secretName
      return NotReady(
        .authorityInvalid,
        "CA in Secret \(name) (spec.authority.secretName) cannot be used: " + authorityFaults.joined(separator: "; ")
      )
    }
    let written = (keepsAuthority ? [authority] : []) + leaves
    return written.lazy.compactMap { $0.notReady(for: milvus) }.first
  }
}

extension CertificateSet.Entry {
  fileprivate init(_ desired: DesiredCertificate, _ observation: Observation) {
    self.init(desired: desired, secret: observation.secret(desired.secretName))
  }

  var contents: ObservedSecret.CertificateContents? { secret?.certificateContents }

  /// The CA that is about to take over; one that is not valid now is none.
  func next(at date: Date) -> Certificate? {
    secret?.next.flatMap { $0.notBefore <= date && date < $0.notAfter ? $0 : nil }
  }

  /// Whether somebody requests a CA rotation that has not begun.
  var isRotationRequested: Bool {
    guard let value = desired.rotation else { return false }
    return value != secret?.rotation
  }

  /// The Secret of a provided CA that the specification names.
  fileprivate func providedSecret(_ spec: MilvusTLSSpec) -> ObservedSecret? {
    secret.flatMap { !$0.isManaged && spec.authority.secretName != nil ? $0 : nil }
  }

  /// Why the Secret may not be written; nil where it may, or there is none.
  func notReady(for milvus: ObservedMilvus) -> NotReady? {
    guard let secret else { return nil }
    guard secret.isManaged, secret.role == desired.role else {
      return NotReady(
        .secretNotManaged,
        "Secret \(secret.name) exists but is not managed by milvus-tls-operator; set \(desired.nameField) to use another name"
      )
    }
    guard secret.milvus == milvus.name else {
      return NotReady(.secretInUse, "Secret \(secret.name) belongs to Milvus \(secret.milvus ?? "")")
    }
    guard secret.ownerUID == milvus.uid || secret.ownerUID == nil else {
      return NotReady(
        .waitingForDeletion,
        "Secret \(secret.name) belongs to a former Milvus of this name; waiting for its deletion"
      )
    }
    return nil
  }
}

extension ObservedSecret.Contents {
  /// What keeps a CA of the operator from signing, and cannot be mended by itself; nil for nothing.
  fileprivate var authorityProblem: String? {
    switch self {
    case .certificate, .certificateLost: nil
    case .incomplete(let missing): "it lacks " + missing.joined(separator: ", ")
    case .unreadable(let problem): problem
    case .mismatched: "\(SecretEntry.authorityKey) is not the private key of \(SecretEntry.authorityCertificate)"
    }
  }
}

extension DesiredCertificate {
  /// The field of a MilvusTLS that names its Secret.
  fileprivate var nameField: String {
    switch role {
    case .authority: "spec.authority.secretName"
    case .server: "spec.certificate.secretName"
    case .client: "spec.clients[].secretName"
    }
  }
}
