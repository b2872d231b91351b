import Foundation
import PKI

/// The certificates that one Milvus needs, each with what its Secret holds.
struct Issuance {
  struct Entry {
    let request: CertificateRequest
    let secret: ObservedSecret?
  }

  /// Why nothing may be issued.
  struct Obstacle {
    let reason: String
    let message: String
  }

  let authority: Entry
  let server: Entry
  let clients: [Entry]
  private let now: Date

  /// - Throws: `PKIError` for names that no certificate can carry.
  init(intent: TLSIntent, observation: Observation) throws {
    let entry = { (request: CertificateRequest) in
      Entry(request: request, secret: observation.secrets[request.secretName])
    }
    now = observation.now
    authority = entry(try CertificateRequest(authorityFor: intent))
    server = entry(try CertificateRequest(serverFor: intent))
    clients = try intent.secrets.clients.sorted { $0.key < $1.key }.map { name, secretName in
      entry(try CertificateRequest(client: name, secretName: secretName, for: intent))
    }
  }

  private var entries: [Entry] { [authority, server] + clients }

  /// The reason why a Secret of a wanted name may not be written; nil where all may.
  func obstacle(for milvus: ObservedMilvus) -> Obstacle? {
    let doubled = Dictionary(grouping: entries.map(\.request.secretName), by: { $0 }).first { $0.value.count > 1 }
    if let name = doubled?.key {
      return Obstacle(
        reason: "InvalidSpec",
        message: "spec: Secret \(name) is named more than once; authority, certificate and each client need their own"
      )
    }
    for entry in entries {
      guard let secret = entry.secret else { continue }
      guard secret.isManaged, secret.role == entry.request.role else {
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
      guard secret.ownerUID == milvus.uid else {
        return Obstacle(
          reason: "WaitingForDeletion",
          message: "Secret \(secret.name) belongs to an earlier Milvus of this name and is about to be deleted"
        )
      }
    }
    return nil
  }

  /// What is to be issued now: the authority alone, then everything that hangs on it.
  var actions: [TLSPlan.Action] {
    if let reason = authority.request.objection(to: authority.secret, authority: nil, now: now) {
      return [issue(authority, reason)]
    }
    guard let issuer = authority.contents?.certificate else { return [] }
    return ([server] + clients).compactMap { entry in
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

  var serverContents: ObservedSecret.CertificateContents? { server.contents }

  /// When the first of the certificates is to be renewed.
  var renewalTime: Date? {
    ([server] + clients).compactMap { entry in
      entry.contents.map {
        CertificatePolicy.renewalTime(of: $0.certificate, renewBefore: entry.request.renewBefore)
      }
    }.min()
  }
}

extension Issuance.Entry {
  var contents: ObservedSecret.CertificateContents? {
    guard case .certificate(let contents) = secret?.contents else { return nil }
    return contents
  }
}
