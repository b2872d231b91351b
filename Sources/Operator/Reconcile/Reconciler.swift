import Foundation
import Kubernetes
import KubernetesRuntime
import MilvusTLS
import Observability
import PKI

/// Brings one Milvus to what is asked for: observe, plan, act, until nothing is left to do.
struct Reconciler: Sendable {
  /// A plan that still wants to act after that many rounds would do so for ever.
  private static let roundLimit = 12

  /// A longer wait is cut, in seconds: a clock that is set, or a machine that sleeps, makes a wait that was right wrong.
  private static let longestWait = 3600.0

  let view: ClusterView
  /// The shortest lifetime of a certificate that is taken.
  let minimumDuration: Duration
  let executor: PlanExecutor
  let logReader: PodLogReader
  let handshakes: HandshakeRunner
  let warnings: WarningMemory
  let metrics: ReconcileMetrics
  let health: OperatorHealth

  /// - Returns: how long after now to look again; nil when a change will tell.
  func reconcile(_ key: ObjectKey) async throws -> Duration? {
    try await health.watching(key) {
      try await metrics.reconciling { try await settle(key) }
    }
  }

  private func settle(_ key: ObjectKey) async throws -> Duration? {
    var observation = await logReader.complete(await view.observe(key, now: Date()))
    observation.minimumDuration = minimumDuration
    observation = await handshakes.complete(observation, of: key)
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
      guard plan.actions.isEmpty else {
        for action in plan.actions {
          guard try await executor.perform(action, key: key, observation: &observation) else { break }
        }
        continue
      }
      guard try await write(plan.statuses, key: key, &observation) else { continue }
      if warnings.isNews(plan.warning, of: key, uid: observation.milvus?.uid), let warning = plan.warning {
        executor.warn(warning, on: observation.milvus, key: key)
      }
      for pod in plan.logs { await logReader.read(pod) }
      await handshakes.make(plan.handshakes, for: key)
      return plan.wakeUp.map { Self.wait(until: $0, now: observation.now) }
    }
    throw ReconcileError.doesNotSettle
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
