import Foundation
import JSON
import PKI

/// Decides what a Milvus needs from what is observed. Pure: the same observation gives the same plan.
public enum TLSPlanner {
  /// How long until a state that others have to change is looked at again, in seconds: not all of it is watched.
  static let obstacleWait = 60.0

  /// How often handshakes are made again, in seconds.
  private static let verificationInterval = 3600.0

  /// - Returns: an empty plan where nothing has to be done.
  public static func plan(_ observation: Observation) -> TLSPlan {
    var plan = planDeciding(observation)
    plan.statuses += supersededStatuses(observation)
    return plan
  }

  /// The status of a request that failed and that no other try will mend; nil where the status says so already, or
  /// there is none.
  public static func failure(_ message: String, _ observation: Observation) -> TLSPlan.StatusChange? {
    guard let milvusTLS = observation.deciding else { return nil }
    var status = StatusDraft(milvusTLS, now: observation.now)
    status.setFailed(message)
    return status.change
  }

  private static func planDeciding(_ observation: Observation) -> TLSPlan {
    guard let milvus = observation.milvus, !milvus.isDeleting else { return planWithoutMilvus(observation) }
    let configuration = MilvusConfiguration(milvus)
    guard let milvusTLS = observation.deciding else {
      return planWithoutMilvusTLS(milvus, configuration, observation)
    }
    var (problem, status): (NotReady?, StatusDraft) = (nil, StatusDraft(milvusTLS, now: observation.now))
    if milvusTLS.isManaged {
      do {
        let requested = try RequestedTLS.reading(milvus.annotations, configuration.authored)
        if let update = milvusTLS.update(to: requested) { return TLSPlan(actions: [update]) }
        if let message = milvusTLS.missingAnnotations(requested) { status.note(NoteReason.annotationRemoved, message) }
      } catch {
        problem = NotReady(.invalidAnnotation, "\(error)")
      }
    }
    let (readable, fieldError) = MilvusTLSSpec.readingLeniently(
      milvusTLS.spec,
      minimumDuration: observation.minimumDuration
    )
    if let fieldError { problem = NotReady(.invalidSpec, "\(fieldError)") }
    guard let spec = readable else {
      let unreadable = problem ?? NotReady(.invalidSpec, "spec: cannot be read")
      return planStopped(status, unreadable, isEvaluated: false, now: observation.now)
    }
    // Whether a Secret of the usual name is an unrelated program's shows in what it holds.
    let isNamed = spec.certificate.secretName != nil || configuration.writtenSecret(spec.mount) != nil
    let unread = observation.unread(isNamed ? [] : [SecretNames.standard])
    guard unread.isEmpty else { return TLSPlan(actions: [.lookUp(unread)]) }
    var context = ReleaseContext(
      observation: observation,
      milvus: milvus,
      milvusTLS: milvusTLS,
      spec: spec,
      configuration: configuration,
      requestProblem: problem,
      status: status
    )
    return plan(&context)
  }

  /// Runs the stages until one does not go on.
  private static func plan(_ context: inout ReleaseContext) -> TLSPlan {
    do {
      for stage in Stage.all {
        switch try stage.run(&context) {
        case .goOn: continue
        case .act(let actions) where !actions.isEmpty: return TLSPlan(actions: actions)
        case .act, .done: return planSettled(context)
        case .stop(let obstacle): return planStopped(&context, obstacle)
        }
      }
      return planSettled(context)
    } catch {
      // Names that no certificate can carry.
      return planStopped(&context, NotReady(.invalidSpec, "\(error)"))
    }
  }

  /// The plan of a release with nothing to write but its status.
  private static func planSettled(_ context: ReleaseContext) -> TLSPlan {
    var plan = TLSPlan(context.status)
    var wakeUps = context.wakeUps
    if let installed = context.installed, let verification = context.verification {
      plan.evidence = verification.request(for: installed)
      if plan.evidence.isRepeated { wakeUps.append(context.now + verificationInterval) }
    }
    plan.wakeUp = wakeUps.min()
    return plan
  }

  /// The plan of a release that cannot have the specified TLS.
  private static func planStopped(_ context: inout ReleaseContext, _ obstacle: NotReady) -> TLSPlan {
    // The stages read the Secret that is specified; the one that serves may be another, or they stopped before.
    let unread = context.observation.unread(context.servingSecretName.map { [$0] } ?? [])
    guard unread.isEmpty else { return TLSPlan(actions: [.lookUp(unread)]) }
    let actions = KeepAlive(&context, beside: obstacle).actions
    guard actions.isEmpty else { return TLSPlan(actions: actions) }
    var status = context.status
    status.setNotReady(obstacle, isEvaluated: true, verified: context.served?.condition)
    var plan = TLSPlan(status)
    plan.wakeUp = context.now + obstacleWait
    if let served = context.served { plan.evidence = served.request(for: nil) }
    plan.wakeUp = ([plan.wakeUp].compactMap(\.self) + context.wakeUps).min()
    return plan
  }

  private static func planStopped(
    _ status: StatusDraft,
    _ obstacle: NotReady,
    isEvaluated: Bool,
    now: Date
  ) -> TLSPlan {
    var status = status
    status.setNotReady(obstacle, isEvaluated: isEvaluated)
    var plan = TLSPlan(status)
    plan.wakeUp = now + obstacleWait
    return plan
  }

  private static func planWithoutMilvus(_ observation: Observation) -> TLSPlan {
    guard let milvusTLS = observation.deciding, !milvusTLS.isManaged else { return TLSPlan() }
    var status = StatusDraft(milvusTLS, now: observation.now)
    status.setNotReady(
      NotReady(.milvusNotFound, "Milvus \(milvusTLS.milvusName) does not exist in namespace \(milvusTLS.namespace)"),
      isEvaluated: false
    )
    return TLSPlan(status)
  }

  /// The plan for a Milvus without a MilvusTLS: create one if the Milvus requests TLS by annotation or by its own
  /// configuration.
  ///
  /// One whose annotations cannot be read gets a MilvusTLS as well, with nothing enabled: its condition shows the
  /// mistake. A Milvus that was configured for a MilvusTLS that was deleted keeps its TLS: it goes off in so many words
  /// or not at all, and the deletion of the custom resource definition deletes every MilvusTLS.
  private static func planWithoutMilvusTLS(
    _ milvus: ObservedMilvus,
    _ configuration: MilvusConfiguration,
    _ observation: Observation
  ) -> TLSPlan {
    guard !observation.isDefinitionMissing else {
      return configuration.isConfigured ? planAbandoned(milvus, configuration, observation) : TLSPlan()
    }
    do {
      let requested = try RequestedTLS.reading(milvus.annotations, configuration.authored)
      if requested.isRequest, !configuration.wouldLose(requested, annotations: milvus.annotations) {
        return TLSPlan(actions: [.createMilvusTLS(.milvusTLS(for: milvus, requested: requested))])
      }
      guard configuration.isConfigured else {
        let settings = configuration.settings
        let overridden = settings.overriddenRequest.map { TLSPlan.Warning(reason: .overridden, message: $0) }
        return TLSPlan(warning: overridden ?? settings.misplacement.map { .init(reason: .misplaced, message: $0) })
      }
      return planAbandoned(milvus, configuration, observation)
    } catch {
      return TLSPlan(actions: [.createMilvusTLS(.milvusTLS(for: milvus, requested: nil))])
    }
  }

  /// The statuses of those that do not apply, because an older one does.
  private static func supersededStatuses(_ observation: Observation) -> [TLSPlan.StatusChange] {
    guard let deciding = observation.deciding else { return [] }
    return observation.milvusTLS.filter { !$0.isDeleting && $0.uid != deciding.uid }.compactMap { other in
      var status = StatusDraft(other, now: observation.now)
      let message = "MilvusTLS \(deciding.name) already applies to Milvus \(deciding.milvusName)"
      status.setNotReady(NotReady(.superseded, message), isEvaluated: false)
      return status.change
    }
  }
}

extension TLSPlan {
  fileprivate init(_ status: StatusDraft) {
    self.init(statuses: status.change.map { [$0] } ?? [])
  }
}

extension ObservedMilvusTLS {
  /// The write that brings the operator's own MilvusTLS in step with the request of the Milvus; nil where it is. What
  /// the Milvus no longer speaks of stays: TLS is disabled in so many words or not at all.
  fileprivate func update(to requested: RequestedTLS) -> TLSPlan.Action? {
    var wanted: JSONValue = [:]
    if let external = requested.external { wanted["external"] = ["mode": .string(external.rawValue)] }
    if let isEnabled = requested.internal { wanted["internal"] = ["enabled": .bool(isEnabled)] }
    guard let change = spec.mergePatch(to: spec.merging(wanted)) else { return nil }
    return .updateMilvusTLS(
      name: name,
      patch: ["metadata": ["resourceVersion": .string(resourceVersion)], "spec": change]
    )
  }

  /// Which TLS stays enabled although the Milvus no longer speaks of it, for people; nil for none.
  fileprivate func missingAnnotations(_ requested: RequestedTLS) -> String? {
    let mode = spec[path: "external", "mode"]?.string ?? ExternalMode.disabled.rawValue
    var texts: [String] = []
    if requested.external == nil, mode != ExternalMode.disabled.rawValue {
      let name = Annotations.external
      texts.append(
        "Annotation \(name) was removed: external TLS \(mode) stays enabled and is renewed. Set \(name)=\(mode) to keep it, or "
          + "\(name)=\(ExternalMode.disabled.rawValue) to disable it"
      )
    }
    if requested.internal == nil, spec[path: "internal", "enabled"]?.bool == true {
      let name = Annotations.internal
      texts.append(
        "Annotation \(name) was removed: internal TLS stays enabled and is renewed. Set \(name)=true to keep it, or "
          + "\(name)=false to disable it"
      )
    }
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
  }
}

extension JSONValue {
  fileprivate static func spec(_ requested: RequestedTLS?) -> JSONValue {
    [
      "external": ["mode": .string((requested?.external ?? .disabled).rawValue)],
      "internal": ["enabled": .bool(requested?.internal ?? false)],
    ]
  }

  /// The MilvusTLS of a Milvus that requests TLS by itself; it is deleted with the Milvus.
  fileprivate static func milvusTLS(for milvus: ObservedMilvus, requested: RequestedTLS?) -> JSONValue {
    [
      "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS",
      "metadata": [
        "name": .string(milvus.name), "namespace": .string(milvus.namespace),
        "labels": [Labels.managedBy: .string(Labels.manager), Labels.milvus: .string(milvus.name)],
        "ownerReferences": [milvus.ownerReference],
      ],
      "spec": spec(requested),
    ]
  }
}
