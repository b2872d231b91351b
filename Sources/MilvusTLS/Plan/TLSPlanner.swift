import Foundation
import JSON
import PKI

/// Decides what a Milvus needs from what is observed. Pure: the same observation gives the same plan.
public enum TLSPlanner {
  /// How long until a state that others have to change is looked at again: not all of it is watched.
  private static let obstacleWait = 60.0

  /// - Returns: an empty plan where there is nothing to do.
  public static func plan(_ observation: Observation) -> TLSPlan {
    var plan = planDeciding(observation)
    plan.statuses += observation.supersededStatuses
    return plan
  }

  /// The status that tells of a failure which no other try will mend; nil where it is told already, or there is none to tell it.
  public static func failure(_ message: String, _ observation: Observation) -> TLSPlan.StatusChange? {
    guard let milvusTLS = observation.deciding else { return nil }
    var draft = StatusDraft(milvusTLS, now: observation.now)
    draft.notReady(Obstacle(reason: "ReconcileFailed", message: message))
    return draft.change
  }

  private static func planDeciding(_ observation: Observation) -> TLSPlan {
    guard let milvus = observation.milvus, !milvus.isDeleting else { return planWithoutMilvus(observation) }
    guard let milvusTLS = observation.deciding else { return planWithoutMilvusTLS(milvus) }
    var obstacle: Obstacle?
    if milvusTLS.isManaged {
      do {
        let annotated = try AnnotationIntent.reading(milvus.annotations)
        if let update = milvusTLS.update(to: annotated) { return TLSPlan(actions: [update]) }
      } catch {
        obstacle = Obstacle(reason: "InvalidAnnotation", message: "\(error)")
      }
    }
    var draft = StatusDraft(milvusTLS, now: observation.now)
    if !milvusTLS.isManaged, AnnotationIntent.isPresent(in: milvus.annotations) { draft.noteIgnoredAnnotations() }
    do {
      let spec = try MilvusTLSSpec(milvusTLS.spec)
      draft.noteIgnoredFields(spec.ignoredFields)
      let configuration = MilvusConfiguration(milvus)
      guard spec.isEnabled else { return planDisabled(configuration, obstacle: obstacle, draft: &draft) }
      return try planEnabled(
        observation,
        milvus: milvus,
        spec: spec,
        configuration: configuration,
        obstacle: obstacle,
        draft: &draft
      )
    } catch {
      draft.notReady(Obstacle(reason: "InvalidSpec", message: "\(error)"))
      return TLSPlan(draft)
    }
  }

  private static func planWithoutMilvus(_ observation: Observation) -> TLSPlan {
    guard let milvusTLS = observation.deciding, !milvusTLS.isManaged else { return TLSPlan() }
    var draft = StatusDraft(milvusTLS, now: observation.now)
    let message = "there is no Milvus \(milvusTLS.milvusName) in this namespace"
    draft.notReady(Obstacle(reason: "MilvusNotFound", message: message))
    return TLSPlan(draft)
  }

  /// The plan for a Milvus without a MilvusTLS: make one if it asks by annotation.
  ///
  /// One whose annotations cannot be read gets a MilvusTLS as well, with nothing enabled: its condition is where the mistake is
  /// shown. One that was configured for a MilvusTLS that is gone stays as it is: taking TLS away from running clients is asked for
  /// in so many words or not at all, and a deleted custom resource definition takes every MilvusTLS along.
  private static func planWithoutMilvusTLS(_ milvus: ObservedMilvus) -> TLSPlan {
    do {
      if let annotated = try AnnotationIntent.reading(milvus.annotations) {
        return TLSPlan(actions: [.createMilvusTLS(.milvusTLS(for: milvus, annotated: annotated))])
      }
      guard MilvusConfiguration(milvus).removal() != .none else { return TLSPlan() }
      return TLSPlan(
        warning: "its MilvusTLS is gone: TLS stays on, and nobody renews the certificates; write a MilvusTLS again, or "
          + "annotate the Milvus with \(Names.externalAnnotation): \(ExternalMode.disabled.rawValue) to take TLS out"
      )
    } catch {
      return TLSPlan(actions: [.createMilvusTLS(.milvusTLS(for: milvus, annotated: nil))])
    }
  }

  private static func planDisabled(
    _ configuration: MilvusConfiguration,
    obstacle: Obstacle?,
    draft: inout StatusDraft
  ) -> TLSPlan {
    if let obstacle {
      draft.notReady(obstacle)
      return TLSPlan(draft)
    }
    if case .patch(let patch) = configuration.removal() { return TLSPlan(actions: [.patchMilvus(patch, .remove)]) }
    draft.disabled()
    return TLSPlan(draft)
  }

  private static func planEnabled(
    _ observation: Observation,
    milvus: ObservedMilvus,
    spec: MilvusTLSSpec,
    configuration: MilvusConfiguration,
    obstacle: Obstacle?,
    draft: inout StatusDraft
  ) throws -> TLSPlan {
    let intent = TLSIntent(spec: spec, milvus: milvus, configuration: configuration, observation: observation)
    let issuance = try Issuance(intent: intent, milvus: milvus, observation: observation)
    var obstacle = obstacle
    if obstacle == nil, case .conflicts(let conflicts) = configuration.change(for: intent, digest: "") {
      obstacle = Obstacle(reason: "Conflict", message: conflicts.map(\.description).joined(separator: "; "))
    }
    if obstacle == nil {
      let unseen = issuance.missingNames.filter { !observation.freeSecretNames.contains($0) }
      guard unseen.isEmpty else { return TLSPlan(actions: [.lookUp(unseen)]) }
      obstacle = issuance.obstacle
    }
    if let obstacle {
      return planObstructed(observation, issuance, configuration, obstacle: obstacle, draft: &draft)
    }
    let actions = issuance.actions
    guard actions.isEmpty, let server = issuance.serverContents else { return TLSPlan(actions: actions) }
    // The Secrets are in place: only now may the Milvus name them.
    let digest = try configuration.digest(for: intent, certificates: server.digest)
    if case .patch(let patch) = configuration.change(for: intent, digest: digest) {
      let change = TLSPlan.Change.configure(external: spec.external.mode, internal: spec.internal.isEnabled)
      return TLSPlan(actions: [.patchMilvus(patch, change)])
    }
    let verification = LogVerification(spec: spec, digest: digest, observation: observation)
    draft.ready(issuance: issuance, server: server, digest: digest, verification: verification)
    return TLSPlan(draft, logs: verification.unread, wakeUp: issuance.nextDue)
  }

  /// The plan where what is asked for cannot be given: what is in place is kept alive, and the obstacle is told.
  private static func planObstructed(
    _ observation: Observation,
    _ issuance: Issuance,
    _ configuration: MilvusConfiguration,
    obstacle: Obstacle,
    draft: inout StatusDraft
  ) -> TLSPlan {
    let renewals = issuance.renewals
    guard renewals.isEmpty else { return TLSPlan(actions: renewals) }
    if let server = issuance.serverContents,
      case .patch(let patch) = configuration.restart(certificates: server.digest)
    {
      return TLSPlan(actions: [.patchMilvus(patch, .restart)])
    }
    draft.notReady(obstacle)
    let next = observation.now + obstacleWait
    return TLSPlan(draft, wakeUp: min(issuance.nextDue ?? next, next))
  }
}

extension TLSPlan {
  fileprivate init(_ draft: StatusDraft, logs: [ObservedPod] = [], wakeUp: Date? = nil) {
    self.init(statuses: draft.change.map { [$0] } ?? [], logs: logs, wakeUp: wakeUp)
  }
}

extension TLSIntent {
  fileprivate init(
    spec: MilvusTLSSpec,
    milvus: ObservedMilvus,
    configuration: MilvusConfiguration,
    observation: Observation
  ) {
    let secrets = SecretNames(
      spec: spec,
      milvus: milvus.name,
      mounted: configuration.writtenSecretName(volume: spec.mount.volumeName ?? "certs"),
      owner: { observation.secrets[$0]?.milvus }
    )
    self.init(
      spec: spec,
      namespace: milvus.namespace,
      milvus: milvus.name,
      secrets: secrets,
      writtenServerName: configuration.writtenServerName
    )
  }
}

extension Observation {
  var deciding: ObservedMilvusTLS? { milvusTLS.deciding }
}

extension Sequence<ObservedMilvusTLS> {
  /// Of several for one Milvus the one that decides: a person's before the operator's own, the older before the newer.
  public var deciding: ObservedMilvusTLS? {
    filter { !$0.isDeleting }.min {
      ($0.isManaged ? 1 : 0, $0.creationTimestamp, $0.name) < ($1.isManaged ? 1 : 0, $1.creationTimestamp, $1.name)
    }
  }
}

extension Observation {
  /// The statuses of those that do not decide.
  fileprivate var supersededStatuses: [TLSPlan.StatusChange] {
    guard let deciding else { return [] }
    return milvusTLS.filter { !$0.isDeleting && $0.uid != deciding.uid }.compactMap { other in
      var draft = StatusDraft(other, now: now)
      let message = "MilvusTLS \(deciding.name) decides for this Milvus"
      draft.notReady(Obstacle(reason: "Superseded", message: message))
      return draft.change
    }
  }
}

extension ObservedMilvusTLS {
  /// The write that brings a MilvusTLS made from annotations in step with them; nil where it is. Without annotations nothing
  /// is asked for any more.
  func update(to annotated: AnnotationIntent?) -> TLSPlan.Action? {
    let wanted = JSONValue.spec(annotated)
    guard let change = spec.mergePatch(to: spec.merging(wanted)) else { return nil }
    return .updateMilvusTLS(
      name: name,
      patch: ["metadata": ["resourceVersion": .string(resourceVersion)], "spec": change]
    )
  }
}

extension JSONValue {
  fileprivate static func spec(_ annotated: AnnotationIntent?) -> JSONValue {
    [
      "external": ["mode": .string((annotated?.external ?? .disabled).rawValue)],
      "internal": ["enabled": .bool(annotated?.internal ?? false)],
    ]
  }

  /// The MilvusTLS that stands for a Milvus's annotations, deleted with it.
  fileprivate static func milvusTLS(for milvus: ObservedMilvus, annotated: AnnotationIntent?) -> JSONValue {
    [
      "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS",
      "metadata": [
        "name": .string(milvus.name), "namespace": .string(milvus.namespace),
        "labels": [
          Names.managedByLabel: .string(Names.manager), Names.milvusLabel: .string(milvus.name),
        ],
        "ownerReferences": [milvus.ownerReference],
      ],
      "spec": spec(annotated),
    ]
  }
}

extension ObservedMilvus {
  /// The reference that makes Kubernetes delete what the operator made together with the Milvus.
  public var ownerReference: JSONValue {
    [
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "name": .string(name), "uid": .string(uid),
      "controller": true,
      // Needs no right to update finalizers of the Milvus (OwnerReferencesPermissionEnforcement).
      "blockOwnerDeletion": false,
    ]
  }
}
