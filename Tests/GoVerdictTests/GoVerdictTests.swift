import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// The audit of provided certificates against Go itself: no case in which one refuses what the other takes.
@Suite struct GoVerdictTests {
  @Test func theAuditSaysWhatGoSays() async throws {
    let cases = try GoCase.all(seed: ProcessInfo.processInfo.environment["GO_VERDICT_SEED"] ?? "1")
    try #require(cases.count > 3000)
    #expect(Set(cases.map(\.verdict.isSound)) == [true, false])
    let disagreements = try await withThrowingTaskGroup(of: [String].self) { group in
      let share = 200
      for start in stride(from: 0, to: cases.count, by: share) {
        group.addTask { try cases[start..<min(start + share, cases.count)].flatMap(Judgement.disagreements) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(
      disagreements.isEmpty,
      "\(disagreements.count) of \(cases.count):\n\(disagreements.sorted().joined(separator: "\n"))"
    )
  }
}

extension GoCase.Verdict {
  fileprivate var isSound: Bool { pair.isEmpty && `internal`.isEmpty }
}

/// What the audit says of one case.
private struct Judgement {
  private let files: GoCase
  private let contents: [CertificateFile: SecretFile]
  private let date: Date

  /// Questions that Go and the audit answer differently, each with what both say.
  static func disagreements(on files: GoCase) throws -> [String] { try Judgement(files).disagreements() }

  private init(_ files: GoCase) {
    self.files = files
    contents = [.certificate: files.certificate, .privateKey: files.key, .authority: files.authority]
      .mapValues { SecretFile(base64: .string($0.base64EncodedString())) }
    date = Date(timeIntervalSince1970: files.now)
  }

  private func disagreements() throws -> [String] {
    let verdict = files.verdict
    guard isReadable else {
      return try namesWhatIsUnreadable ? [] : ["\(files.name): what cannot be read is not named"]
    }
    let twoWay = verdict.reached.isEmpty && !verdict.hasPool ? "no CA" : verdict.reached
    var found = [
      disagreement("pair", go: verdict.pair, audit: pairFault),
      disagreement("one-way", go: verdict.reached, audit: try fault(external: .oneWay, internal: false)),
      disagreement("two-way", go: twoWay, audit: try fault(external: .twoWay, internal: false)),
      disagreement("internal", go: verdict.internal, audit: try fault(external: .disabled, internal: true)),
      disagreement("client", go: verdict.client, audit: clientFault),
    ]
    for (host, isCovered) in verdict.covers ?? [:] {
      let leaf = try contents[.certificate]?.pem.leaf()
      let message = isCovered ? "" : "not covered"
      found.append(
        disagreement(
          "host \(host.debugDescription)",
          go: message,
          audit: leaf?.covers(host) == true ? nil : "not covered"
        )
      )
    }
    return found.compactMap(\.self)
  }

  private func disagreement(_ question: String, go: String, audit: String?) -> String? {
    guard go.isEmpty != (audit == nil) else { return nil }
    return "\(files.name): \(question): Go says \(go.isEmpty ? "yes" : go); the audit says \(audit ?? "yes")"
  }

  /// Whether OpenSSL parses every certificate that Go reads. The operator cannot do without, and no client that is not
  /// written in Go could: such a certificate is a fault, whatever Go says.
  private var isReadable: Bool {
    let refusals = contents.values.flatMap { $0.pem.served.compactMap(\.refusal) }
    return !refusals.contains { $0.reason.hasPrefix("cannot be read: ") }
  }

  private var namesWhatIsUnreadable: Bool {
    get throws {
      let audit = try audit(external: .disabled, internal: true)
      return (audit.faults + audit.warnings).contains { $0.contains("cannot be read: ") }
    }
  }

  private func fault(external: ExternalMode, internal: Bool) throws -> String? {
    let faults = try audit(external: external, internal: `internal`).faults
    return faults.isEmpty ? nil : faults.joined(separator: "; ")
  }

  private func audit(external: ExternalMode, internal: Bool) throws -> SecretAudit {
    let metadata: JSONValue = ["namespace": "default", "name": "milvus", "uid": "1", "resourceVersion": "1"]
    let layout = Dictionary(uniqueKeysWithValues: CertificateFile.allCases.map { ($0, $0.defaultName) })
    let intent = TLSIntent(
      spec: try MilvusTLSSpec([:]),
      milvus: try #require(ObservedMilvus(["metadata": metadata])),
      authored: AuthoredTLS(external: external, internal: `internal`, serverName: files.host),
      secrets: SecretNames(authority: "ca", server: "certs", clients: [:]),
      layout: layout
    )
    let audited = AuditedFiles(
      files: contents.mapValues { file in
        AuditedFiles.File(name: "file", entry: .secret("certs", key: "file"), content: file)
      }
    )
    return SecretAudit(of: audited, for: intent, isRenewed: false, now: date)
  }

  /// Why a server cannot start.
  private var pairFault: String? {
    fault { certificate, key, _ in
      let leaf = try GoServerCertificate(certificate).leaf
      guard try key.holdsKey(of: leaf) else { throw GoRefusal("another key") }
    }
  }

  /// Why the pair is no client's.
  private var clientFault: String? {
    pairFault
      ?? fault { certificate, _, authority in
        let server = try GoServerCertificate(certificate)
        try server.checkForAnyClient(at: date)
        try server.checkChain(to: authority.trusted, purpose: .client, at: date)
      }
  }

  private func fault(_ check: (GoPEMFile, GoPEMFile, GoPEMFile) throws -> Void) -> String? {
    guard let certificate = contents[.certificate]?.pem, let key = contents[.privateKey]?.pem,
      let authority = contents[.authority]?.pem
    else { return nil }
    do {
      try check(certificate, key, authority)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
