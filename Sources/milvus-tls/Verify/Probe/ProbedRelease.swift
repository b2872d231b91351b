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
  /// - Throws: `CommandFailure` if there is no such Milvus; `KubernetesError`.
  init(_ release: Release) async throws {
    self.release = release
    let objects = try await ReleaseObjects(reading: release, now: Date())
    // The user asks for handshakes, whatever the spec says about the operator's own.
    milvusTLS = objects.milvusTLS.mapValues { $0.merging(["spec": ["verification": ["handshake": true]]]) }
    observation = objects.observation
    observation.milvusTLS = milvusTLS.values.compactMap { ObservedMilvusTLS($0) }
    for milvusTLS in observation.milvusTLS { observation.evidence.logs.merge(milvusTLS.status.evidence.logs) { $1 } }
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
        let secret = try await release.find(.secrets, name).flatMap { ObservedSecret($0) }
        observation.unmanagedVersions[name] = secret?.resourceVersion
        observation.unmanagedSecrets[name] = secret
      }
    case .lookUpConfigMaps(let names):
      for name in names {
        let configMap = try await release.find(.configMaps, name).flatMap { ObservedConfigMap($0) }
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

  private var unsettled: CommandFailure {
    CommandFailure(
      "--probe: the operator has not finished a change of Milvus \(release.name.debugDescription): "
        + "wait until its MilvusTLS is Ready, or use verify without --probe"
    )
  }
}
