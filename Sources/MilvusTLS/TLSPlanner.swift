import Foundation
import JSON
import PKI

/// Decides what a Milvus needs from what is observed. Pure: the same observation gives the same plan.
public enum TLSPlanner {
  /// - Returns: an empty plan where there is nothing to do.
  public static func plan(_ observation: Observation) -> TLSPlan {
    guard let milvus = observation.milvus, !milvus.isDeleting else { return planWithoutMilvus(observation) }
    guard let milvusTLS = observation.deciding else { return planFirst(milvus) }
    var intentError: FieldError?
    if milvusTLS.isManaged {
      do {
        let annotated = try AnnotationIntent.reading(milvus.annotations)
        if let update = milvusTLS.update(to: annotated) { return TLSPlan(actions: [update]) }
      } catch {
        intentError = error
      }
    }
    var draft = StatusDraft(milvusTLS, now: observation.now)
    if !milvusTLS.isManaged, AnnotationIntent.isPresent(in: milvus.annotations) { draft.noteIgnoredAnnotations() }
    if let intentError {
      draft.notReady("InvalidAnnotation", "\(intentError)")
      return TLSPlan(status: draft.change)
    }
    do {
      return try plan(observation, milvus: milvus, spec: MilvusTLSSpec(milvusTLS.spec), draft: &draft)
    } catch {
      draft.notReady("InvalidSpec", "\(error)")
      return TLSPlan(status: draft.change)
    }
  }

  private static func planWithoutMilvus(_ observation: Observation) -> TLSPlan {
    guard let milvusTLS = observation.deciding, !milvusTLS.isManaged else { return TLSPlan() }
    var draft = StatusDraft(milvusTLS, now: observation.now)
    draft.notReady("MilvusNotFound", "there is no Milvus \(milvusTLS.milvusName) in this namespace")
    return TLSPlan(status: draft.change)
  }

  /// The first plan for a Milvus without a MilvusTLS. One whose annotations cannot be read gets a MilvusTLS as well, with
  /// nothing enabled: its condition is where the mistake is shown.
  private static func planFirst(_ milvus: ObservedMilvus) -> TLSPlan {
    do {
      guard let annotated = try AnnotationIntent.reading(milvus.annotations) else { return TLSPlan() }
      return TLSPlan(actions: [.createMilvusTLS(.milvusTLS(for: milvus, annotated: annotated))])
    } catch {
      return TLSPlan(actions: [.createMilvusTLS(.milvusTLS(for: milvus, annotated: nil))])
    }
  }

  private static func plan(
    _ observation: Observation,
    milvus: ObservedMilvus,
    spec: MilvusTLSSpec,
    draft: inout StatusDraft
  ) throws -> TLSPlan {
    let configuration = MilvusConfiguration(milvus)
    guard spec.isEnabled else {
      if case .patch(let patch) = configuration.removal() { return TLSPlan(actions: [.patchMilvus(patch, .remove)]) }
      draft.disabled()
      return TLSPlan(status: draft.change)
    }
    let intent = TLSIntent(
      spec: spec,
      namespace: milvus.namespace,
      milvus: milvus.name,
      secrets: SecretNames(
        spec: spec,
        milvus: milvus.name,
        mounted: configuration.writtenSecretName(volume: spec.mount.volumeName ?? "certs"),
        owner: { observation.secrets[$0]?.milvus }
      ),
      writtenServerName: configuration.writtenServerName
    )
    if case .conflicts(let conflicts) = configuration.change(for: intent, digest: "") {
      draft.notReady("Conflict", conflicts.map(\.description).joined(separator: "; "))
      return TLSPlan(status: draft.change)
    }
    let issuance = try Issuance(intent: intent, observation: observation)
    if let obstacle = issuance.obstacle(for: milvus) {
      draft.notReady(obstacle.reason, obstacle.message)
      return TLSPlan(status: draft.change)
    }
    let actions = issuance.actions
    guard actions.isEmpty, let server = issuance.serverContents else { return TLSPlan(actions: actions) }
    // The Secrets are in place: only now may the Milvus name them.
    if case .patch(let patch) = configuration.change(for: intent, digest: server.digest) {
      return TLSPlan(actions: [
        .patchMilvus(patch, .configure(external: spec.external.mode, internal: spec.internal.isEnabled))
      ])
    }
    let verification = LogVerification(spec: spec, digest: server.digest, observation: observation)
    draft.ready(issuance: issuance, server: server, verification: verification)
    return TLSPlan(status: draft.change, logs: verification.unread, wakeUp: issuance.renewalTime)
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
