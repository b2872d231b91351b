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
    _ write: TLSPlan.CertificateWrite,
    key: ObjectKey,
    milvus: ObservedMilvus,
    observation: inout Observation
  ) async throws {
    try checkClock(for: key)
    let desired = write.desired
    let authority = try await readAuthority(of: write, for: key, &observation)
    let old = write.violation.keeps == .nothing ? nil : try await read(desired.secretName, in: milvus.namespace)
    let secret = try await issuing.run { [now = observation.now] in
      try CertificateIssuer.secret(for: write, authority: authority, old: old, owner: milvus, now: now)
    }
    // What the next plan would object to would be issued again, and roll the pods again, for ever.
    let unwritten = ObservedSecret(unwritten: (old ?? [:]).merging(secret))
    if let violation = desired.violation(in: unwritten, rotation: write.rotation, now: observation.now) {
      throw ReconcileError.unfitCertificate(violation)
    }
    let written: KubernetesObject
    if let old = write.replacing {
      var patch: JSONValue = [
        "metadata": ["resourceVersion": .string(old.resourceVersion)], "data": secret["data"] ?? [:],
      ]
      patch[JSONPointer(["metadata", "annotations"])] = secret[path: "metadata", "annotations"]
      written = try await client.mergePatch(.secrets, namespace: milvus.namespace, name: old.name, patch: patch)
    } else {
      written = try await client.create(KubernetesObject(secret), as: .secrets, namespace: milvus.namespace)
    }
    if desired.role == .authority { authorities.note(written, for: key) }
    await take(secret: written, for: key, into: &observation)
    let keepsCertificate = write.violation.keeps == .certificate
    announcer.tell(
      write.replacing == nil ? "Issued" : keepsCertificate ? "TrustChanged" : "Reissued",
      keepsCertificate
        ? "Updated CA bundle in Secret \(desired.secretName): \(write.violation.message)"
        : "Issued \(desired.title) certificate in Secret \(desired.secretName): \(write.violation.message)",
      of: key,
      in: observation
    )
  }

  /// Changes the authority's Secret for a CA rotation.
  func changeAuthority(
    _ change: AuthorityChange,
    in secret: ObservedSecret,
    key: ObjectKey,
    observation: inout Observation
  ) async throws {
    if change.issues { try checkClock(for: key) }
    let present = try await read(secret.name, in: secret.namespace)
    let patch = try await issuing.run { [now = observation.now] in try change.patch(of: present, now: now) }
    await take(secret: try await patched(secret, with: patch), for: key, into: &observation)
    announcer.tell(change.reason, change.message(secret.name), of: key, in: observation)
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
    let message = "Deleted Secret \(secret.name) of a client that the spec no longer lists"
    announcer.tell("Deleted", message, of: key, in: observation)
  }

  /// Gives a Secret back what it has lost.
  func adopt(
    _ secret: ObservedSecret,
    key: ObjectKey,
    milvus: ObservedMilvus,
    observation: inout Observation
  ) async throws {
    guard let patch = secret.adoption(by: milvus) else { return }
    await take(secret: try await patched(secret, with: patch), for: key, into: &observation)
    logger.about(key).info("Restored the owner and the labels of Secret \(secret.name)")
  }

  /// Lets go of a Secret that has become somebody else's.
  func release(
    _ secret: ObservedSecret,
    key: ObjectKey,
    milvus: ObservedMilvus,
    observation: inout Observation
  ) async throws {
    guard let patch = secret.release(by: milvus) else { return }
    await take(secret: try await patched(secret, with: patch), for: key, into: &observation)
    let writers = secret.otherWriters.joined(separator: ", ")
    let message =
      "Secret \(secret.name) is no longer managed by milvus-tls-operator, because \(writers) wrote data into it"
    announcer.tell("Released", message, .warning, of: key, in: observation)
  }

  private func read(_ name: String, in namespace: String) async throws -> JSONValue {
    try await client.get(.secrets, namespace: namespace, name: name).json
  }

  /// The authority's Secret; nil for an authority, which signs itself.
  /// - Throws: `ReconcileError.newerState` where it is gone, or not as the plan has it; the observation knows then.
  private func readAuthority(
    of write: TLSPlan.CertificateWrite,
    for key: ObjectKey,
    _ observation: inout Observation
  ) async throws -> JSONValue? {
    guard let name = write.authoritySecret else { return nil }
    if let known = authorities.secret(name, version: write.authorityVersion, for: key) { return known.json }
    let secret = try await lookUp(name, for: key, &observation)
    if let secret, secret.resourceVersion == write.authorityVersion {
      authorities.note(secret, for: key)
      return secret.json
    }
    throw ReconcileError.newerState("Secret \(name)")
  }

  private func patched(_ secret: ObservedSecret, with patch: JSONValue) async throws -> KubernetesObject {
    var patch = patch
    patch[JSONPointer(["metadata", "resourceVersion"])] = .string(secret.resourceVersion)
    return try await client.mergePatch(.secrets, namespace: secret.namespace, name: secret.name, patch: patch)
  }
}
