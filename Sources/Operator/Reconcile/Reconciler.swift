import Foundation
import Kubernetes
import KubernetesRuntime
import MilvusTLS
import Observability
import PKI

/// Brings one Milvus to what is specified: observe, plan, act, until nothing is left to do.
struct Reconciler: Sendable {
  /// A plan that still has actions after that many rounds would have them forever.
  private static let roundLimit = 12

  /// A longer wait is cut, in seconds: a clock that is set, or a machine that sleeps, makes a wait that was right wrong.
  private static let longestWait = 3600.0

  let view: ClusterView
  /// The shortest lifetime of a certificate that is taken.
  let minimumDuration: Duration
  let executor: PlanExecutor
  let collectors: [any EvidenceCollector]
  let limiter: RolloutLimiter
  let queue: WorkQueue<ObjectKey>
  let metrics: ReconcileMetrics
  let health: OperatorHealth

  /// - Returns: how long after now to look again; nil when a change will tell.
  func reconcile(_ key: ObjectKey) async throws -> Duration? {
    try await health.watching(key) {
      try await metrics.reconciling { try await settle(key) }
    }
  }

  private func settle(_ key: ObjectKey) async throws -> Duration? {
    var observation = await view.observe(key, now: Date())
    observation.minimumDuration = minimumDuration
    for collector in collectors {
      observation.evidence.merge(await collector.evidence(of: observation, for: key))
    }
    do {
      return try await act(on: key, &observation)
    } catch  where error.isLasting && !Task.isCancelled {
      if let status = TLSPlanner.failure("\(error)", observation) {
        _ = try? await executor.write(status, key: key, observation: &observation)
      }
      throw error
    }
  }

  private func act(on key: ObjectKey, _ observation: inout Observation) async throws -> Duration? {
    for _ in 0..<Self.roundLimit {
      let plan = TLSPlanner.plan(observation)
      guard mayBegin(plan, key) else {
        observation.isRolloutLimitReached = true
        continue
      }
      guard plan.actions.isEmpty else {
        for action in plan.actions {
          guard try await executor.perform(action, key: key, observation: &observation) else { break }
        }
        continue
      }
      guard try await write(plan.statuses, key: key, &observation) else { continue }
      if let warning = plan.warning { executor.warn(warning, on: observation.milvus, key: key) }
      for collector in collectors { await collector.collect(plan.evidence, for: key) }
      await wakeNext(after: key, observation)
      return plan.wakeUp.map { Self.wait(until: $0, now: observation.now) }
    }
    throw ReconcileError.doesNotSettle
  }

  /// Whether a plan may begin a rollout for changed defaults, if it wants to.
  private func mayBegin(_ plan: TLSPlan, _ key: ObjectKey) -> Bool {
    let isLimited = plan.actions.contains { action in
      if case .writeCertificate(let write) = action { write.isLimited } else { false }
    }
    return !isLimited || limiter.begin(key)
  }

  /// Wakes the Milvus whose turn has come to be rolled for changed defaults.
  private func wakeNext(after key: ObjectKey, _ observation: Observation) async {
    let status = observation.milvus == nil ? nil : observation.milvusTLS.deciding?.status
    let isRolling = status?.rollout != nil && status?.verifiedReason != .rolloutUnfinished
    let next = limiter.settle(key, isRolling: isRolling, isWaiting: observation.isRolloutLimitReached)
    if let next { await queue.add(next) }
  }

  /// How long to wait for a time, in whole seconds, so that it has come then.
  static func wait(until time: Date, now: Date) -> Duration {
    .seconds(min(longestWait, max(1, time.timeIntervalSince(now).rounded(.up))))
  }

  private func write(
    _ statuses: [TLSPlan.StatusChange],
    key: ObjectKey,
    _ observation: inout Observation
  ) async throws -> Bool {
    for status in statuses {
      guard try await executor.write(status, key: key, observation: &observation) else { return false }
    }
    return true
  }
}

extension Error {
  /// Whether another try will fail in the same way until somebody changes something: worth a condition, which a passing fault is not.
  fileprivate var isLasting: Bool {
    switch self as any Error {
    case KubernetesError.api(let status):
      (400..<500).contains(status.code) && ![401, 408, 409, 429].contains(status.code)
    case is PKIError, is ReconcileError: true
    default: false
    }
  }
}
