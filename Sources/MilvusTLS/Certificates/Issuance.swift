import Foundation
import PKI

/// The certificates that one Milvus needs, each with what its Secret holds.
struct Issuance {
  struct Entry {
    let request: CertificateRequest
    let secret: ObservedSecret?
  }

  let authority: Entry
  private(set) var server: Entry
  private(set) var clients: [Entry]
  /// Nil while there is no authority to sign anything.
  let trust: Trust?
  /// Whether the operator keeps the authority.
  let keepsAuthority: Bool
  /// What is wrong with the authority of somebody else.
  private let authorityFaults: [String]
  private let milvus: ObservedMilvus
  private let now: Date

  /// - Parameter isStepDone: whether every pod is known to have taken up the present step of an authority's replacement.
  /// - Throws: `PKIError` for names that no certificate can carry.
  init(intent: TLSIntent, milvus: ObservedMilvus, observation: Observation, isStepDone: Bool = false) throws {
    let entry = { (request: CertificateRequest) in
      Entry(request: request, secret: observation.secret(request.secretName))
    }
    self.milvus = milvus
    now = observation.now
    server = entry(try CertificateRequest(serverFor: intent))
    clients = try intent.secrets.clients.sorted { $0.key < $1.key }.map { name, secretName in
      entry(try CertificateRequest(client: name, secretName: secretName, for: intent))
    }
    let present = Self.authorities(in: [server] + clients)
    authority = try Self.authority(for: intent, observation: observation, present: present)
    let foreign = authority.foreignSecret(for: intent).map { ForeignAuthority($0, now: observation.now) }
    keepsAuthority = foreign == nil
    authorityFaults = foreign?.faults ?? []
    let issuer = foreign != nil ? foreign?.issuer : authority.contents.map { IssuingAuthority(root: $0.certificate) }
    trust = issuer.map { [authority] in
      Trust(
        issuer: $0,
        next: authority.next(at: observation.now),
        present: present,
        isStepDone: isStepDone,
        now: observation.now
      )
    }
  }

  /// The authority's entry; a new one is to have another name than those that came before.
  private static func authority(
    for intent: TLSIntent,
    observation: Observation,
    present: [Certificate]
  ) throws -> Entry {
    let secret = observation.secret(intent.secrets.authority)
    var former = present.map(\.subject.commonName)
    if case .certificate(let contents) = secret?.contents { former.append(contents.certificate.subject.commonName) }
    let version = former.map(CertificateRequest.version(ofAuthority:)).max() ?? 0
    return Entry(request: try CertificateRequest(authorityFor: intent, version: version + 1), secret: secret)
  }

  /// What the first `ca.pem` holds that can be read: that of the server's, or, where its Secret is gone or damaged, of a client's.
  private static func authorities(in leaves: [Entry]) -> [Certificate] {
    leaves.lazy.compactMap { $0.contents?.authorities }.first ?? []
  }

  private var leaves: [Entry] { [server] + clients }
  private var entries: [Entry] { [authority] + leaves }

  /// Wanted names.
  var secretNames: [String] { entries.map(\.request.secretName) }

  /// Secrets that have lost their owner, as in a restored backup.
  var orphans: [ObservedSecret] { entries.compactMap { $0.isOrphan ? $0.secret : nil } }

  /// What is to be issued: the authority first, then everything that hangs on it.
  var issues: [TLSPlan.Issue] { issues { _ in true } }

  /// What is to be issued for Secrets that are there and this Milvus's, when no new ones may be made: what serves goes on serving.
  var renewals: [TLSPlan.Issue] {
    // Two that share a name would take turns for ever.
    let doubled = doubledNames
    return issues { $0.secret != nil && !doubled.contains($0.request.secretName) && $0.obstacle(for: milvus) == nil }
  }

  /// The same for certificates like those that are there, whatever is asked for now.
  var renewalsInKind: [TLSPlan.Issue] {
    var kept = self
    kept.server = server.inKind
    kept.clients = clients.map(\.inKind)
    return kept.renewals
  }

  private var doubledNames: Set<String> {
    Set(Dictionary(grouping: secretNames, by: { $0 }).filter { $0.value.count > 1 }.keys)
  }

  private func issues(where isIncluded: (Entry) -> Bool) -> [TLSPlan.Issue] {
    if keepsAuthority, let reason = authority.request.objection(to: authority.secret, trust: nil, now: now) {
      return isIncluded(authority)
        ? [TLSPlan.Issue(request: authority.request, reason: reason, replacing: authority.secret)] : []
    }
    guard let trust else { return [] }
    return leaves.filter(isIncluded).compactMap { entry in
      entry.request.objection(to: entry.secret, trust: trust, now: now).map { issue(entry, $0, trust) }
    }
  }

  private func issue(_ entry: Entry, _ reason: IssuanceReason, _ trust: Trust) -> TLSPlan.Issue {
    let isTrustKept = entry.contents?.authorities == trust.trusted
    return TLSPlan.Issue(
      request: entry.request,
      authoritySecret: authority.request.secretName,
      authorityVersion: authority.secret?.resourceVersion,
      trust: trust,
      trustedSince: isTrustKept ? entry.secret?.trustedSince : now,
      reason: reason,
      replacing: entry.secret
    )
  }

  /// Whether every Secret holds what the present step of an authority's replacement puts there.
  var isTrustInPlace: Bool { leaves.allSatisfy { $0.contents?.authorities == trust?.trusted } }

  /// Since when all leaves' Secrets hold the authorities that they hold.
  var trustedSince: Date { leaves.compactMap { $0.secret?.trustedSince }.max() ?? .distantPast }

  /// When something is due next without anybody's doing; nil where nothing is there.
  var nextDue: Date? {
    let leafTimes = leaves.compactMap { entry in
      entry.contents.map {
        CertificatePolicy.renewalTime(of: $0.certificate, renewBefore: entry.request.renewBefore)
      }
    }
    // What is held back, or stays from a former authority, is replaced then whatever goes on.
    let critical = leaves.map { $0.contents?.certificate.criticalTime }
    // A leaf that ends with its authority is never renewed: its time passes without anything to do.
    return (leafTimes + (critical + authorityTimes).compactMap(\.self)).filter { $0 > now }.min()
  }

  private var authorityTimes: [Date?] {
    guard let certificate = authority.contents?.certificate else { return [trust?.issuer.notAfter] }
    let sameKey = authority.request.sameKeyRenewalTime(of: certificate)
    return [CertificatePolicy.renewalTime(of: certificate, renewBefore: nil), sameKey, certificate.notAfter]
  }
}

// MARK: - Obstacles

extension Issuance {
  /// The reason why a Secret of a wanted name may not be written; nil where all may.
  var obstacle: Obstacle? {
    if let name = doubledNames.min() {
      return Obstacle(
        reason: "InvalidSpec",
        message: "spec: Secret \(name) is named more than once; authority, certificate and each client need their own"
      )
    }
    if !authorityFaults.isEmpty {
      return Obstacle(
        reason: "AuthorityInvalid",
        message:
          "Secret \(authority.request.secretName) of spec.authority.secretName, which this operator never writes to: "
          + authorityFaults.joined(separator: "; ")
      )
    }
    let written = (keepsAuthority ? [authority] : []) + leaves
    return written.lazy.compactMap { $0.obstacle(for: milvus) }.first
  }
}

/// Why the TLS asked for cannot be given.
struct Obstacle: Equatable {
  /// One word in CamelCase.
  let reason: String
  /// The same for people.
  let message: String
}

extension Issuance.Entry {
  var contents: ObservedSecret.CertificateContents? {
    guard case .certificate(let contents) = secret?.contents else { return nil }
    return contents
  }

  /// The same, with what is there taken for what is asked for.
  fileprivate var inKind: Issuance.Entry {
    guard let certificate = contents?.certificate else { return self }
    return Issuance.Entry(request: request.inKind(of: certificate), secret: secret)
  }

  /// The authority that is about to take over; one that is not valid now is none.
  func next(at date: Date) -> Certificate? {
    secret?.next.flatMap { $0.notBefore <= date && date < $0.notAfter ? $0 : nil }
  }

  /// The Secret of an authority that somebody else keeps and that the specification names.
  fileprivate func foreignSecret(for intent: TLSIntent) -> ObservedSecret? {
    secret.flatMap { !$0.isManaged && intent.spec.authority.secretName != nil ? $0 : nil }
  }

  /// Whether the operator wrote it and nobody owns it.
  fileprivate var isOrphan: Bool { secret.map { $0.isManaged && $0.ownerUID == nil } ?? false }

  /// Why the Secret that is there may not be written; nil where it may, or there is none.
  func obstacle(for milvus: ObservedMilvus) -> Obstacle? {
    guard let secret else { return nil }
    guard secret.isManaged, secret.role == request.role else {
      return Obstacle(
        reason: "SecretNotManaged",
        message: "Secret \(secret.name) exists and was not made by this operator, which never writes to it; "
          + "delete it, or name another one in a MilvusTLS"
      )
    }
    guard secret.milvus == milvus.name else {
      return Obstacle(
        reason: "SecretInUse",
        message: "Secret \(secret.name) belongs to Milvus \(secret.milvus ?? "")"
      )
    }
    guard secret.ownerUID == milvus.uid || secret.ownerUID == nil else {
      return Obstacle(
        reason: "WaitingForDeletion",
        message: "Secret \(secret.name) belongs to an earlier Milvus of this name and is about to be deleted"
      )
    }
    return nil
  }
}
