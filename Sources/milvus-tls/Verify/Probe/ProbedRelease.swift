import Foundation
import JSON
import Kubernetes
import MilvusTLS
import Operator

/// What the operator sees of a release, with evidence that this process collects. The operator's own rules judge it.
/// Nothing is written.
struct ProbedRelease {
  /// How many look-ups in a row a plan may ask for.
  private static let limit = 20

  private let release: Release
  private var observation: Observation
  /// Every MilvusTLS of the Milvus, by name.
  private var milvusTLS: [String: JSONValue]

  /// Reads the release. The stored evidence of logs is kept, that of handshakes and of plaintext ports is not.
  /// - Parameter observed: the MilvusTLS of the release.
  /// - Throws: `CommandFailure` if there is no such Milvus; `KubernetesError`.
  init(_ release: Release, _ observed: ObservedMilvusTLS) async throws {
    self.release = release
    let (client, namespace, name) = (release.client, release.namespace, observed.milvusName)
    let milvus = try await release.read(.milvuses, name)
    let all = try await client.list(.milvusTLS, namespace: namespace).items.map(\.json)
    milvusTLS = Dictionary(
      all.compactMap { object in
        ObservedMilvusTLS(object).flatMap { $0.milvusName == name ? ($0.name, object) : nil }
      }
    ) { $1 }
    // The user asks for handshakes, whatever the spec says about the operator's own.
    milvusTLS = milvusTLS.mapValues { $0.merging(["spec": ["verification": ["handshake": true]]]) }
    let managed = try await client.list(.secrets, namespace: namespace, labelSelector: Labels.role)
    let others = try await client.list(
      .secrets,
      namespace: namespace,
      labelSelector: "!\(Labels.role)",
      metadataOnly: true
    )
    let pods = try await client.list(
      .pods,
      namespace: namespace,
      labelSelector: "app.kubernetes.io/name=milvus,app.kubernetes.io/managed-by=milvus-operator"
    )
    observation = Observation(
      now: Date(),
      milvus: ObservedMilvus(milvus.json),
      milvusTLS: milvusTLS.values.compactMap { ObservedMilvusTLS($0) },
      secrets: Dictionary(managed.items.compactMap { secret in ObservedSecret(secret.json).map { ($0.name, $0) } }) {
        $1
      },
      pods: pods.items.compactMap { ObservedPod($0.json) }.filter { $0.milvus == name }
    )
    observation.unmanagedVersions = Dictionary(others.items.map { ($0.name, $0.resourceVersion) }) { $1 }
    for user in all.compactMap({ ObservedMilvusTLS($0) }) {
      for secret in user.unmanagedSecretNames
      where user.milvusName == name || observation.unmanagedSecretUsers[secret] == nil {
        observation.unmanagedSecretUsers[secret] = user.milvusName
      }
    }
    for milvusTLS in observation.milvusTLS { observation.evidence.logs.merge(milvusTLS.status.evidence.logs) { $1 } }
    if observation.milvusTLS.contains(where: \.namesIssuer) {
      observation.certManager = try await Self.certManager(client, namespace)
    }
  }

  private static func certManager(_ client: KubernetesClient, _ namespace: String) async throws -> CertManagerState {
    do {
      let certificates = try await client.list(.certificates, namespace: namespace).items
        .compactMap { CertManagerCertificate($0.json) }
      return .installed(Dictionary(certificates.map { ($0.name, $0) }) { $1 })
    } catch KubernetesError.api(let status) where status.isNotFound {
      return .notInstalled
    }
  }

  /// Adds evidence.
  mutating func add(_ evidence: Evidence) {
    observation.evidence.merge(evidence)
  }

  /// What the operator would do now, after the look-ups that it needs.
  /// - Throws: `CommandFailure` if it would change something first: until then its rules judge nothing.
  mutating func plan() async throws -> TLSPlan {
    for _ in 0..<Self.limit {
      let plan = TLSPlanner.plan(observation)
      guard !plan.actions.isEmpty else { return plan }
      for action in plan.actions { try await perform(action) }
    }
    throw unsettled
  }

  /// The MilvusTLS with the status that the operator would write.
  /// - Throws: as `plan()`.
  mutating func judged() async throws -> ObservedMilvusTLS {
    for change in try await plan().statuses { apply(change) }
    guard let deciding = observation.milvusTLS.deciding else { throw unsettled }
    return deciding
  }

  private mutating func perform(_ action: TLSPlan.Action) async throws {
    switch action {
    case .lookUp(let names):
      for name in names {
        let secret = try await find(.secrets, name).flatMap { ObservedSecret($0) }
        observation.unmanagedVersions[name] = secret?.resourceVersion
        observation.unmanagedSecrets[name] = secret
      }
    case .lookUpConfigMaps(let names):
      for name in names {
        let configMap = try await find(.configMaps, name).flatMap { ObservedConfigMap($0) }
        observation.configMaps.updateValue(configMap, forKey: name)
      }
    case .writeStatus(let change): apply(change)
    case .createMilvusTLS, .updateMilvusTLS, .applyCertificate, .deleteCertificate, .adopt, .release, .writeCertificate,
      .changeAuthority, .delete, .patchMilvus:
      throw unsettled
    }
  }

  private mutating func apply(_ change: TLSPlan.StatusChange) {
    guard let object = milvusTLS[change.milvusTLS] else { return }
    milvusTLS[change.milvusTLS] = object.merging(["status": change.patch["status"] ?? [:]])
    observation.milvusTLS = milvusTLS.values.compactMap { ObservedMilvusTLS($0) }
  }

  private func find(_ resource: Resource, _ name: String) async throws -> JSONValue? {
    do {
      return try await release.client.get(resource, namespace: release.namespace, name: name).json
    } catch KubernetesError.api(let status) where status.isNotFound {
      return nil
    }
  }

  private var unsettled: CommandFailure {
    CommandFailure(
      "--probe: the operator has not finished a change of Milvus \(release.name.debugDescription): "
        + "wait until its MilvusTLS is Ready, or use verify without --probe"
    )
  }
}
