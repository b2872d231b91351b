import Kubernetes
import KubernetesRuntime
import MilvusTLS

// MARK: Newer states

extension PlanExecutor {
  /// Runs a guarded write; where the server holds a newer state, takes that into the observation.
  /// - Returns: false when it did, and the plan has to be made again.
  func guarded(
    _ key: ObjectKey,
    _ observation: inout Observation,
    secret: String? = nil,
    _ write: (inout Observation) async throws -> Void
  ) async throws -> Bool {
    do {
      try await write(&observation)
      return true
    } catch ReconcileError.newerState(let object) {
      logger.debug("\(key): \(object) was changed meanwhile")
      return false
    } catch KubernetesError.api(let status) where status.isConflict || status.isAlreadyExists || status.isNotFound {
      logger.debug("\(key): \(status); reading again")
      try await refresh(key, &observation, secret: secret)
      return false
    }
  }

  private func refresh(_ key: ObjectKey, _ observation: inout Observation, secret: String?) async throws {
    if let milvus = try await find(.milvuses, key) {
      take(milvus: milvus, into: &observation)
    } else {
      observation.milvus = nil
    }
    for milvusTLS in observation.milvusTLS {
      let own = ObjectKey(namespace: key.namespace, name: milvusTLS.name)
      if let found = try await find(.milvusTLS, own) {
        take(milvusTLS: found, for: key, into: &observation)
      } else {
        observation.milvusTLS.removeAll { $0.name == milvusTLS.name }
      }
    }
    if case .installed(let certificates) = observation.certManager {
      for name in certificates.keys where certificates[name]?.milvus == key.name {
        let found = try await find(.certificates, ObjectKey(namespace: key.namespace, name: name))
        take(certificate: found, named: name, for: key, into: &observation)
      }
    }
    if let secret { try await lookUp(secret, for: key, &observation) }
  }

  /// Reads a Secret into the observation.
  /// - Returns: nil where there is none, and the observation has none.
  @discardableResult
  func lookUp(
    _ secret: String,
    for key: ObjectKey,
    _ observation: inout Observation
  ) async throws -> KubernetesObject? {
    let name = ObjectKey(namespace: key.namespace, name: secret)
    guard let found = try await find(.secrets, name) else {
      observation.secrets[secret] = nil
      observation.unmanagedVersions[secret] = nil
      observation.unmanagedSecrets[secret] = nil
      view.unmanagedSecrets.remove(name)
      return nil
    }
    await take(secret: found, for: key, into: &observation)
    return found
  }

  private func find(_ resource: Resource, _ key: ObjectKey) async throws -> KubernetesObject? {
    do {
      return try await client.get(resource, namespace: key.namespace, name: key.name)
    } catch KubernetesError.api(let status) where status.isNotFound {
      return nil
    }
  }

  // A store does not report what was put into it. What concerns another Milvus is left to the watch: its event wakes
  // that Milvus.

  func take(milvus object: KubernetesObject, into observation: inout Observation) {
    guard let milvus = ObservedMilvus(object.json) else { return }
    view.milvuses.store.insert(object)
    observation.milvus = milvus
  }

  /// One that is for another Milvus by now is none of this Milvus any more.
  func take(milvusTLS object: KubernetesObject, for key: ObjectKey, into observation: inout Observation) {
    guard let milvusTLS = ObservedMilvusTLS(object.json) else { return }
    observation.milvusTLS.removeAll { $0.name == milvusTLS.name }
    guard milvusTLS.milvusName == key.name else { return }
    view.milvusTLS.store.insert(object)
    observation.milvusTLS.append(milvusTLS)
  }

  /// - Parameter object: nil where there is none any more.
  func take(
    certificate object: KubernetesObject?,
    named name: String,
    for key: ObjectKey,
    into observation: inout Observation
  ) {
    guard case .installed(var certificates) = observation.certManager else { return }
    let certificate = object.flatMap { CertManagerCertificate($0.json) }
    if let object, certificate?.milvus == key.name { view.certManager.insert(object) }
    certificates[name] = certificate
    observation.certManager = .installed(certificates)
  }

  func take(secret object: KubernetesObject, for key: ObjectKey, into observation: inout Observation) async {
    guard let secret = ObservedSecret(object.json) else { return }
    // One that somebody else wrote into has the operator's labels until it is released.
    guard secret.isManaged || !secret.otherWriters.isEmpty else {
      await view.unmanagedSecrets.insert(object, secret, readFor: key)
      observation.unmanagedVersions[secret.name] = secret.resourceVersion
      observation.unmanagedSecrets[secret.name] = secret
      observation.secrets[secret.name] = nil
      return
    }
    if secret.milvus == key.name { view.secrets.store.insert(object) }
    observation.secrets[secret.name] = secret
  }
}
