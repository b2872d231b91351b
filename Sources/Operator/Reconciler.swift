import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS

/// Brings one Milvus to what is asked for: observe, plan, act, until nothing is left to do.
struct Reconciler: Sendable {
  /// A plan that still wants to act after that many rounds would do so for ever.
  private static let roundLimit = 12

  let view: ClusterView
  let executor: PlanExecutor
  let logReader: PodLogReader
  let metrics: ReconcileMetrics
  let health: OperatorHealth

  /// - Returns: how long after now to look again; nil when a change will tell.
  func reconcile(_ key: ObjectKey) async throws -> Duration? {
    try await health.watching(key) {
      try await metrics.reconciling { try await settle(key) }
    }
  }

  private func settle(_ key: ObjectKey) async throws -> Duration? {
    var observation = view.observe(key, now: Date())
    observation.verdicts.merge(await logReader.verdicts) { $1 }
    for _ in 0..<Self.roundLimit {
      let plan = TLSPlanner.plan(observation)
      guard plan.actions.isEmpty else {
        for action in plan.actions {
          guard try await executor.perform(action, key: key, observation: &observation) else { break }
        }
        continue
      }
      if let status = plan.status {
        guard try await executor.write(status, key: key, observation: &observation) else { continue }
      }
      for pod in plan.logs { await logReader.read(pod) }
      return plan.wakeUp.map { .seconds(max(1, $0.timeIntervalSince(observation.now).rounded(.up))) }
    }
    throw ReconcileError.doesNotSettle
  }
}

enum ReconcileError: Error, CustomStringConvertible {
  /// The plan kept changing: others write the same objects at the same time, or an action does not have its effect.
  case doesNotSettle
  /// The name of the MilvusTLS to be made is taken by one for another Milvus.
  case milvusTLSNameTaken(String)
  /// What was issued is not what was asked for; nothing was written.
  case unfitCertificate(IssuanceReason)

  var description: String {
    switch self {
    case .doesNotSettle: "the plan does not settle: other writers change the same objects"
    case .milvusTLSNameTaken(let name): "MilvusTLS \(name) exists and is for another Milvus; rename that one"
    case .unfitCertificate(let reason):
      "the issued certificate is not what was asked for, nothing is written: \(reason)"
    }
  }
}
