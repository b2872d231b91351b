import Foundation
import PKI

/// The certificates that one Milvus needs, each with what its Secret holds.
struct Issuance {
  struct Entry {
    let request: CertificateRequest
    let secret: ObservedSecret?
  }

  let authority: Entry
  let server: Entry
  let clients: [Entry]
  private let milvus: ObservedMilvus
  private let now: Date

  /// - Throws: `PKIError` for names that no certificate can carry.
  init(intent: TLSIntent, milvus: ObservedMilvus, observation: Observation) throws {
    let entry = { (request: CertificateRequest) in
      Entry(request: request, secret: observation.secret(request.secretName))
    }
    self.milvus = milvus
    now = observation.now
    authority = entry(try CertificateRequest(authorityFor: intent))
    server = entry(try CertificateRequest(serverFor: intent))
    clients = try intent.secrets.clients.sorted { $0.key < $1.key }.map { name, secretName in
      entry(try CertificateRequest(client: name, secretName: secretName, for: intent))
    }
  }

  private var leaves: [Entry] { [server] + clients }
  private var entries: [Entry] { [authority] + leaves }

  /// Wanted names.
  var secretNames: [String] { entries.map(\.request.secretName) }

  /// What is to be done now: the authority first, then everything that hangs on it.
  var actions: [TLSPlan.Action] {
    let orphans = entries.compactMap { $0.secret?.ownerUID == nil ? $0.secret : nil }
    guard orphans.isEmpty else { return orphans.map { .adopt($0) } }
    return issues { _ in true }
  }

  /// What is to be done for Secrets that are there and this Milvus's, when no new ones may be made: what serves goes on serving.
  var renewals: [TLSPlan.Action] {
    // Two that share a name would take turns for ever.
    let doubled = doubledNames
    return issues { $0.secret != nil && !doubled.contains($0.request.secretName) && $0.obstacle(for: milvus) == nil }
  }

  private var doubledNames: Set<String> {
    Set(Dictionary(grouping: secretNames, by: { $0 }).filter { $0.value.count > 1 }.keys)
  }

  private func issues(where isIncluded: (Entry) -> Bool) -> [TLSPlan.Action] {
    if let reason = authority.request.objection(to: authority.secret, authority: nil, now: now) {
      return isIncluded(authority) ? [issue(authority, reason)] : []
    }
    guard let issuer = authority.contents?.certificate else { return [] }
    return leaves.filter(isIncluded).compactMap { entry in
      entry.request.objection(to: entry.secret, authority: issuer, now: now).map { issue(entry, $0) }
    }
  }

  private func issue(_ entry: Entry, _ reason: IssuanceReason) -> TLSPlan.Action {
    .issue(
      TLSPlan.Issue(
        request: entry.request,
        authoritySecret: entry.request.role == .authority ? nil : authority.request.secretName,
        reason: reason,
        replacing: entry.secret
      )
    )
  }

  /// When the authority's last third begins; nil without one.
  var authorityRenewalTime: Date? {
    authority.contents.map { CertificatePolicy.renewalTime(of: $0.certificate, renewBefore: nil) }
  }

  /// When the next certificate is due or ends; nil where none is there.
  var nextDue: Date? {
    let authorityEnd = authority.contents?.certificate.notAfter
    let leafTimes = leaves.compactMap { entry in
      entry.contents.map {
        CertificatePolicy.renewalTime(of: $0.certificate, renewBefore: entry.request.renewBefore)
      }
    }
    // A leaf that ends with its authority is never renewed: its time passes without anything to do.
    return (leafTimes + [authorityRenewalTime, authorityEnd].compactMap(\.self)).filter { $0 > now }.min()
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
    return entries.lazy.compactMap { $0.obstacle(for: milvus) }.first
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
