import Foundation
import JSON

extension TLSPlanner {
  /// The plan of a Milvus whose MilvusTLS was deleted, or the definition of all: what serves is kept alive, like it is.
  /// What the MilvusTLS said of it is gone with it, maintenance windows too.
  static func planAbandoned(
    _ milvus: ObservedMilvus,
    _ configuration: MilvusConfiguration,
    _ observation: Observation
  ) -> TLSPlan {
    guard let milvusTLS = ObservedMilvusTLS(standingInFor: milvus),
      let spec = try? MilvusTLSSpec([:], minimumDuration: observation.minimumDuration)
    else { return TLSPlan() }
    // Without the definition, annotations change nothing.
    let (cause, remedy) =
      observation.isDefinitionMissing
      ? ("The API server has no definition of MilvusTLS", "Create the definition again")
      : (
        "The MilvusTLS was deleted",
        "Create the MilvusTLS again, or set annotations \(Annotations.external)=\(ExternalMode.disabled.rawValue) and "
          + "\(Annotations.internal)=false to disable TLS"
      )
    let message =
      "\(cause): TLS stays enabled, and its certificates are renewed as they are, at any time. \(remedy)"
    var context = ReleaseContext(
      observation: observation,
      milvus: milvus,
      milvusTLS: milvusTLS,
      spec: spec,
      configuration: configuration,
      requestProblem: nil,
      status: StatusDraft(milvusTLS, now: observation.now)
    )
    let unread = observation.unread(context.servingSecretName.map { [$0] } ?? [])
    guard unread.isEmpty else { return TLSPlan(actions: [.lookUp(unread)]) }
    let keepAlive = KeepAlive(&context, beside: NotReady(.invalidSpec, message))
    guard keepAlive.actions.isEmpty else { return TLSPlan(actions: keepAlive.actions) }
    var plan = TLSPlan(warning: TLSPlan.Warning(reason: .abandoned, message: message))
    let retry = observation.isDefinitionMissing ? [observation.now + obstacleWait] : []
    plan.wakeUp = (context.wakeUps + retry).min()
    return plan
  }
}

extension ObservedMilvusTLS {
  /// Whether it stands in for one that was deleted.
  var isStandIn: Bool { uid.isEmpty }

  /// One that exists nowhere, and says nothing.
  fileprivate init?(standingInFor milvus: ObservedMilvus) {
    self.init([
      "metadata": [
        "namespace": .string(milvus.namespace), "name": .string(milvus.name), "uid": "", "resourceVersion": "",
      ]
    ])
  }
}
