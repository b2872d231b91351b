import Foundation
import JSON
import Kubernetes
import MilvusTLS
import Operator

/// The objects of a release as the API server has them, and what the operator sees in them.
struct ReleaseObjects {
  let milvus: JSONValue
  /// Every MilvusTLS of the Milvus, by name.
  let milvusTLS: [String: JSONValue]
  /// The Secrets that the operator manages, by name.
  let secrets: [String: JSONValue]
  let pods: [JSONValue]
  /// What the operator observes at a time, without evidence.
  let observation: Observation

  /// Reads a release.
  /// - Parameters:
  ///   - release: by the name of its Milvus or of its MilvusTLS.
  ///   - now: time of the observation.
  /// - Throws: `CommandFailure` if there is no such Milvus, or the CRD is not installed; `KubernetesError`.
  init(reading release: Release, now: Date) async throws {
    let (client, namespace) = (release.client, release.namespace)
    let all = try await Self.milvusTLS(client, namespace)
    let name = release.choose(among: all.compactMap(ObservedMilvusTLS.init))?.milvusName ?? release.name
    milvus = try await release.read(.milvuses, name).json
    let (own, others) = all.reduce(into: ([JSONValue](), [ObservedMilvusTLS]())) { result, object in
      guard let observed = ObservedMilvusTLS(object) else { return }
      if observed.milvusName == name { result.0.append(object) } else { result.1.append(observed) }
    }
    milvusTLS = Self.byName(own)
    let managed = try await client.list(.secrets, namespace: namespace, labelSelector: Labels.role)
    secrets = Self.byName(managed.items.map(\.json))
    let unmanaged = try await client.list(
      .secrets,
      namespace: namespace,
      labelSelector: "!\(Labels.role)",
      metadataOnly: true
    )
    let instance = "app.kubernetes.io/name=milvus,app.kubernetes.io/managed-by=milvus-operator"
    pods = try await client.list(.pods, namespace: namespace, labelSelector: instance).items.map(\.json)
      .filter { ObservedPod($0)?.milvus == name }
    var observation = Observation(
      now: now,
      milvus: ObservedMilvus(milvus),
      milvusTLS: own.compactMap(ObservedMilvusTLS.init),
      secrets: secrets.compactMapValues { ObservedSecret($0) },
      pods: pods.compactMap(ObservedPod.init)
    )
    observation.unmanagedVersions = Dictionary(unmanaged.items.map { ($0.name, $0.resourceVersion) }) { $1 }
    for user in others + observation.milvusTLS {
      for secret in user.unmanagedSecretNames { observation.unmanagedSecretUsers[secret] = user.milvusName }
    }
    if observation.milvusTLS.contains(where: \.namesIssuer) {
      observation.certManager = try await Self.certManager(client, namespace)
    }
    self.observation = observation
  }

  private static func milvusTLS(_ client: KubernetesClient, _ namespace: String) async throws -> [JSONValue] {
    do {
      return try await client.list(.milvusTLS, namespace: namespace).items.map(\.json)
    } catch KubernetesError.api(let status) where status.isNotFound {
      throw CommandFailure.definitionMissing
    }
  }

  private static func certManager(_ client: KubernetesClient, _ namespace: String) async throws -> CertManagerState {
    let label = "\(Labels.managedBy)=\(Labels.manager)"
    do {
      let certificates = try await client.list(.certificates, namespace: namespace, labelSelector: label).items
        .compactMap { CertManagerCertificate($0.json) }
      return .installed(Dictionary(certificates.map { ($0.name, $0) }) { $1 })
    } catch KubernetesError.api(let status) where status.isNotFound {
      return .notInstalled
    }
  }

  private static func byName(_ objects: [JSONValue]) -> [String: JSONValue] {
    Dictionary(objects.compactMap { object in object[path: "metadata", "name"]?.string.map { ($0, object) } }) { $1 }
  }
}

extension Release {
  /// Reads an object of the namespace that others may have deleted; nil if there is none.
  func find(_ resource: Resource, _ name: String) async throws -> JSONValue? {
    do {
      return try await client.get(resource, namespace: namespace, name: name).json
    } catch KubernetesError.api(let status) where status.isNotFound {
      return nil
    }
  }
}
