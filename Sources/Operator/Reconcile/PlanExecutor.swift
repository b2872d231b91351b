import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Observability
import PKI

/// Carries out a plan's writes, each guarded by resourceVersion or by being a creation, and takes what the server
/// answers into the observation and the stores.
struct PlanExecutor: Sendable {
  let client: KubernetesClient
  let view: ClusterView
  let announcer: Announcer
  let issuing: IssuingThread
  let metrics: ReconcileMetrics
  let logger: Logger
  let authorities = RecentAuthorities()

  /// Carries out one action.
  /// - Returns: false when the action met a newer state, which is in the observation now: the plan has to be made
  ///   again.
  func perform(_ action: TLSPlan.Action, key: ObjectKey, observation: inout Observation) async throws -> Bool {
    guard let milvus = observation.milvus else { return false }
    switch action {
    case .createMilvusTLS(let object):
      return try await createMilvusTLS(object, key: key, milvus: milvus, observation: &observation)
    case .updateMilvusTLS(let name, let patch):
      return try await guarded(key, &observation) { observation in
        let updated = try await client.mergePatch(.milvusTLS, namespace: key.namespace, name: name, patch: patch)
        take(milvusTLS: updated, for: key, into: &observation)
        logger.about(key).info("Updated MilvusTLS \(name) to the annotations of the Milvus")
      }
    case .lookUp(let names):
      for name in names { try await lookUp(name, for: key, &observation) }
      return true
    case .lookUpConfigMaps(let names):
      for name in names {
        observation.configMaps.updateValue(try await view.configMaps.read(name, for: key), forKey: name)
      }
      return true
    case .writeStatus(let status):
      return try await write(status, key: key, observation: &observation)
    case .applyCertificate(let certificate, let standing):
      return try await guarded(key, &observation) { observation in
        try await apply(certificate, over: standing, key: key, observation: &observation)
      }
    case .deleteCertificate(let certificate):
      return try await guarded(key, &observation) { observation in
        try await delete(certificate, key: key, observation: &observation)
      }
    case .adopt(let secret):
      return try await guarded(key, &observation, secret: secret.name) { observation in
        try await adopt(secret, key: key, milvus: milvus, observation: &observation)
      }
    case .release(let secret):
      return try await guarded(key, &observation, secret: secret.name) { observation in
        try await release(secret, key: key, milvus: milvus, observation: &observation)
      }
    case .writeCertificate(let write):
      guard write.replacing != nil else {
        return try await perform(write, key: key, milvus: milvus, observation: &observation)
      }
      return try await metrics.rotations.counting(isDone: { $0 }) {
        try await perform(write, key: key, milvus: milvus, observation: &observation)
      }
    case .changeAuthority(let change, let secret):
      return try await guarded(key, &observation, secret: secret.name) { observation in
        try await changeAuthority(change, in: secret, key: key, observation: &observation)
      }
    case .delete(let secret):
      return try await guarded(key, &observation, secret: secret.name) { observation in
        try await delete(secret, key: key, observation: &observation)
      }
    case .patchMilvus(let patch, let change):
      return try await guarded(key, &observation) { observation in
        let updated = try await client.mergePatch(
          .milvuses,
          namespace: key.namespace,
          name: key.name,
          patch: patch
        )
        take(milvus: updated, into: &observation)
        announcer.tell(change.reason, change.description, of: key, in: observation)
      }
    }
  }

  /// Writes a status.
  /// - Returns: as for `perform`.
  func write(_ status: TLSPlan.StatusChange, key: ObjectKey, observation: inout Observation) async throws -> Bool {
    try await guarded(key, &observation) { observation in
      let updated = try await client.mergePatch(
        .milvusTLS,
        namespace: key.namespace,
        name: status.milvusTLS,
        patch: status.patch,
        subresource: "status"
      )
      take(milvusTLS: updated, for: key, into: &observation)
      let milvusTLS = ObservedMilvusTLS(updated.json)
      for condition in status.transitions {
        announcer.tell(condition, of: key, on: milvusTLS, observation.milvus)
      }
    }
  }

  private func createMilvusTLS(
    _ object: JSONValue,
    key: ObjectKey,
    milvus: ObservedMilvus,
    observation: inout Observation
  ) async throws -> Bool {
    do {
      let created = try await client.create(KubernetesObject(object), as: .milvusTLS, namespace: key.namespace)
      take(milvusTLS: created, for: key, into: &observation)
      logger.about(key).info("Created MilvusTLS \(key.name) for the Milvus")
      return true
    } catch KubernetesError.api(let status) where status.isAlreadyExists {
      let existing = try await client.get(.milvusTLS, namespace: key.namespace, name: key.name)
      guard ObservedMilvusTLS(existing.json)?.milvusName == key.name else {
        throw ReconcileError.milvusTLSNameTaken(key.name)
      }
      take(milvusTLS: existing, for: key, into: &observation)
      return false
    } catch KubernetesError.api(let status) where status.isNotFound {
      // Of a creation the type is meant, or the namespace, which goes with everything in it.
      observation.isDefinitionMissing = true
      return false
    }
  }

  private func perform(
    _ write: TLSPlan.CertificateWrite,
    key: ObjectKey,
    milvus: ObservedMilvus,
    observation: inout Observation
  ) async throws -> Bool {
    try await guarded(key, &observation, secret: write.desired.secretName) { observation in
      try await self.write(write, key: key, milvus: milvus, observation: &observation)
    }
  }

  private func apply(
    _ certificate: JSONValue,
    over standing: CertManagerCertificate?,
    key: ObjectKey,
    observation: inout Observation
  ) async throws {
    let written: KubernetesObject
    if let standing {
      let metadata: JSONValue = ["resourceVersion": .string(standing.resourceVersion)]
      written = try await client.mergePatch(
        .certificates,
        namespace: key.namespace,
        name: standing.name,
        patch: ["metadata": metadata, "spec": certificate["spec"] ?? [:]]
      )
    } else {
      written = try await create(certificate, key: key, &observation)
    }
    take(certificate: written, named: written.name, for: key, into: &observation)
    announcer.tell("Requested", "Requested Certificate \(written.name) from cert-manager", of: key, in: observation)
  }

  /// Deletes a Certificate as it was observed.
  private func delete(
    _ certificate: CertManagerCertificate,
    key: ObjectKey,
    observation: inout Observation
  ) async throws {
    try await client.delete(
      .certificates,
      namespace: certificate.namespace,
      name: certificate.name,
      resourceVersion: certificate.resourceVersion
    )
    take(certificate: nil, named: certificate.name, for: key, into: &observation)
    let message = "Deleted Certificate \(certificate.name) of a client that the spec no longer lists"
    announcer.tell("Deleted", message, of: key, in: observation)
  }

  private func create(
    _ certificate: JSONValue,
    key: ObjectKey,
    _ observation: inout Observation
  ) async throws -> KubernetesObject {
    let object = KubernetesObject(certificate)
    do {
      return try await client.create(object, as: .certificates, namespace: key.namespace)
    } catch KubernetesError.api(let status) where status.isAlreadyExists {
      let existing = try await client.get(.certificates, namespace: key.namespace, name: object.name)
      guard let certificate = CertManagerCertificate(existing.json) else {
        throw ReconcileError.certificateNotManaged(object.name)
      }
      // This Milvus's own is there where the answer to an earlier try got lost.
      guard certificate.milvus != key.name else { return existing }
      take(certificate: existing, named: object.name, for: key, into: &observation)
      throw ReconcileError.newerState("Certificate \(object.name)")
    } catch KubernetesError.api(let status) where status.isNotFound {
      // Of a creation the type is meant. The server ends the watch of a type only minutes after its deletion. A type whose
      // definition is new may take a moment to be served.
      guard view.certManager.noteMissing() else { throw KubernetesError.api(status) }
      observation.certManager = .notInstalled
      throw ReconcileError.newerState("the definition of Certificates")
    }
  }
}
