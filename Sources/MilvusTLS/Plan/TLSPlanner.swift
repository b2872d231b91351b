import Foundation
import JSON
import PKI

/// Decides what a Milvus needs from what is observed. Pure: the same observation gives the same plan.
public enum TLSPlanner {
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
    let configuration = MilvusConfiguration(milvus)
    guard let milvusTLS = observation.deciding else { return planWithoutMilvusTLS(milvus, configuration) }
    var obstacle: Obstacle?
    if milvusTLS.isManaged {
      do {
        let requested = try RequestedTLS.reading(milvus.annotations, configuration)
        if let update = milvusTLS.update(to: requested) { return TLSPlan(actions: [update]) }
      } catch {
        obstacle = Obstacle(reason: "InvalidAnnotation", message: "\(error)")
      }
    }
    var draft = StatusDraft(milvusTLS, now: observation.now)
    if !milvusTLS.isManaged { draft.noteIgnoredAnnotations(milvus.annotations, milvusTLS: milvusTLS.name) }
    draft.noteMisplaced(configuration.misplaced)
    do {
      let (readable, problem) = MilvusTLSSpec.readingLeniently(
        milvusTLS.spec,
        minimumDuration: observation.minimumDuration
      )
      guard let spec = readable else { throw problem ?? FieldError(field: "spec", problem: "cannot be read") }
      if let problem { obstacle = Obstacle(reason: "InvalidSpec", message: "\(problem)") }
      var release = ReleasePlanner(
        observation: observation,
        milvus: milvus,
        milvusTLS: milvusTLS,
        spec: spec,
        configuration: configuration,
        draft: draft
      )
      return try release.plan(obstacle)
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

  /// The plan for a Milvus without a MilvusTLS: make one if it asks by annotation or by its own configuration.
  ///
  /// One whose annotations cannot be read gets a MilvusTLS as well, with nothing enabled: its condition is where the mistake is
  /// shown. One that was configured for a MilvusTLS that is gone stays as it is: taking TLS away from running clients is asked for
  /// in so many words or not at all, and a deleted custom resource definition takes every MilvusTLS along.
  private static func planWithoutMilvusTLS(_ milvus: ObservedMilvus, _ configuration: MilvusConfiguration) -> TLSPlan {
    do {
      if let requested = try RequestedTLS.reading(milvus.annotations, configuration),
        !configuration.wouldLose(requested, annotations: milvus.annotations)
      {
        return TLSPlan(actions: [.createMilvusTLS(.milvusTLS(for: milvus, requested: requested))])
      }
      guard configuration.isConfigured else { return TLSPlan() }
      return TLSPlan(
        warning: "its MilvusTLS is gone: TLS stays on, and nobody renews the certificates; write a MilvusTLS again, or "
          + "annotate the Milvus with \(Names.externalAnnotation) and \(Names.internalAnnotation), \(ExternalMode.disabled.rawValue) "
          + "and false to take TLS out"
      )
    } catch {
      return TLSPlan(actions: [.createMilvusTLS(.milvusTLS(for: milvus, requested: nil))])
    }
  }
}

extension TLSPlan {
  init(_ draft: StatusDraft, logs: [ObservedPod] = [], wakeUp: Date? = nil) {
    self.init(statuses: draft.change.map { [$0] } ?? [], logs: logs, wakeUp: wakeUp)
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
  /// The write that brings the operator's own MilvusTLS in step with what the Milvus asks for; nil where it is. Nil asks for nothing
  /// any more.
  func update(to requested: RequestedTLS?) -> TLSPlan.Action? {
    let wanted = JSONValue.spec(requested)
    guard let change = spec.mergePatch(to: spec.merging(wanted)) else { return nil }
    return .updateMilvusTLS(
      name: name,
      patch: ["metadata": ["resourceVersion": .string(resourceVersion)], "spec": change]
    )
  }
}

extension JSONValue {
  fileprivate static func spec(_ requested: RequestedTLS?) -> JSONValue {
    [
      "external": ["mode": .string((requested?.external ?? .disabled).rawValue)],
      "internal": ["enabled": .bool(requested?.internal ?? false)],
    ]
  }

  /// The MilvusTLS that stands for what a Milvus asks for by itself, deleted with it.
  fileprivate static func milvusTLS(for milvus: ObservedMilvus, requested: RequestedTLS?) -> JSONValue {
    [
      "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS",
      "metadata": [
        "name": .string(milvus.name), "namespace": .string(milvus.namespace),
        "labels": [
          Names.managedByLabel: .string(Names.manager), Names.milvusLabel: .string(milvus.name),
        ],
        "ownerReferences": [milvus.ownerReference],
      ],
      "spec": spec(requested),
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
