import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Observability
import PKI

// MARK: The operator's Secrets

extension PlanExecutor {
  /// How far the clocks of the operator and of the API server may differ: certificates are backdated by this.
  private static let clockTolerance = Duration.seconds(300)

  /// Refuses to issue by a clock that is wrong: a certificate of another day takes a Milvus down.
  private func checkClock(for key: ObjectKey) throws {
    // Not the observation's time: a server that answers slowly makes that one old.
    let now = Date()
    guard let server = client.serverTime, abs(server.timeIntervalSince(now)) > Self.clockTolerance / .seconds(1) else {
      return
    }
    logger.about(key).debug("this clock: \(now.kubernetesTime), the API server's: \(server.kubernetesTime)")
    throw ReconcileError.clockDiffers(tolerance: Self.clockTolerance)
  }

  /// Issues a certificate into its Secret, new or as it was observed.
  func write(
    _ issue: TLSPlan.Issue,
    key: ObjectKey,
    milvus: ObservedMilvus,
    observation: inout Observation
  ) async throws {
    try checkClock(for: key)
    let request = issue.request
    let authority = try await readAuthority(of: issue, for: key, &observation)
    let old = issue.reason.keeps == .nothing ? nil : try await read(request.secretName, in: milvus.namespace)
    let secret = try await issuing.run { [now = observation.now] in
      try CertificateIssuer.secret(for: issue, authority: authority, old: old, owner: milvus, now: now)
    }
    // What the next plan would object to would be issued again, and roll the pods again, for ever.
    let unwritten = ObservedSecret(unwritten: (old ?? [:]).merging(secret))
    if let objection = request.objection(to: unwritten, trust: issue.trust, now: observation.now) {
      throw ReconcileError.unfitCertificate(objection)
    }
    let written: KubernetesObject
    if let old = issue.replacing {
      var patch: JSONValue = [
        "metadata": ["resourceVersion": .string(old.resourceVersion)], "data": secret["data"] ?? [:],
      ]
      patch[JSONPointer(["metadata", "annotations"])] = secret[path: "metadata", "annotations"]
      written = try await client.mergePatch(.secrets, namespace: milvus.namespace, name: old.name, patch: patch)
    } else {
      written = try await client.create(KubernetesObject(secret), as: .secrets, namespace: milvus.namespace)
    }
    await take(secret: written, for: key, into: &observation)
    let isTrust = issue.reason.keeps == .certificate
    let what = isTrust ? "wrote \(Names.authorityCertificate)" : "issued the \(request.role) certificate"
    announcer.tell(
      issue.replacing == nil ? "Issued" : isTrust ? "TrustChanged" : "Reissued",
      "\(what) into Secret \(request.secretName): \(issue.reason.message)",
      of: key,
      in: observation
    )
  }

  /// Puts the next authority beside the present one.
  func introduce(
    _ request: CertificateRequest,
    _ reason: IssuanceReason,
    into secret: ObservedSecret,
    key: ObjectKey,
    observation: inout Observation
  ) async throws {
    try checkClock(for: key)
    let patch = try await issuing.run { [now = observation.now] in
      try CertificateIssuer.introduction(of: request, reason: reason.reason, now: now)
    }
    let written = try await patched(secret, with: patch)
    await take(secret: written, for: key, into: &observation)
    let message = "put the next authority into Secret \(secret.name): \(reason.message)"
    announcer.tell("AuthorityIntroduced", message, of: key, in: observation)
  }

  /// Has the next authority take over.
  func promote(
    in secret: ObservedSecret,
    key: ObjectKey,
    observation: inout Observation
  ) async throws {
    let present = try await client.get(.secrets, namespace: secret.namespace, name: secret.name)
    let written = try await patched(secret, with: try CertificateIssuer.promotion(in: present.json))
    await take(secret: written, for: key, into: &observation)
    announcer.tell(
      "AuthorityPromoted",
      "the next authority in Secret \(secret.name) took over",
      of: key,
      in: observation
    )
  }

  /// Deletes a Secret as it was observed.
  func delete(
    _ secret: ObservedSecret,
    key: ObjectKey,
    observation: inout Observation
  ) async throws {
    try await client.delete(
      .secrets,
      namespace: secret.namespace,
      name: secret.name,
      resourceVersion: secret.resourceVersion
    )
    observation.secrets[secret.name] = nil
    let message = "deleted Secret \(secret.name) of a client that is not listed any more"
    announcer.tell("Deleted", message, of: key, in: observation)
  }

  /// Makes the Milvus the owner of a Secret that has none.
  func adopt(
    _ secret: ObservedSecret,
    key: ObjectKey,
    milvus: ObservedMilvus,
    observation: inout Observation
  ) async throws {
    let owners = JSONValue.array(secret.ownerReferences + [milvus.ownerReference])
    let written = try await patched(secret, with: ["metadata": ["ownerReferences": owners]])
    await take(secret: written, for: key, into: &observation)
    logger.about(key).info("made the Milvus the owner of Secret \(secret.name), which had lost its owner")
  }

  private func read(_ name: String, in namespace: String) async throws -> JSONValue {
    try await client.get(.secrets, namespace: namespace, name: name).json
  }

  /// The authority's Secret; nil for an authority, which signs itself.
  /// - Throws: `ReconcileError.newerState` where it is gone, or not as the plan has it; the observation knows then.
  private func readAuthority(
    of issue: TLSPlan.Issue,
    for key: ObjectKey,
    _ observation: inout Observation
  ) async throws -> JSONValue? {
    guard let name = issue.authoritySecret else { return nil }
    let secret = try await lookUp(name, for: key, &observation)
    if let secret, secret.resourceVersion == issue.authorityVersion { return secret.json }
    throw ReconcileError.newerState("Secret \(name)")
  }

  private func patched(_ secret: ObservedSecret, with patch: JSONValue) async throws -> KubernetesObject {
    var patch = patch
    patch[JSONPointer(["metadata", "resourceVersion"])] = .string(secret.resourceVersion)
    return try await client.mergePatch(.secrets, namespace: secret.namespace, name: secret.name, patch: patch)
  }
}
