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

  /// A longer wait is cut, in seconds: a clock that is set, or a machine that sleeps, makes a wait that was right
  /// wrong.
  private static let longestWait = 3600.0

  let view: ClusterView
  /// The shortest lifetime of a certificate that is taken.
  let minimumDuration: Duration
  /// How long a Secret is waited for that somebody may provide; nil for ever.
  let issueMissingAfter: Duration?
  let executor: PlanExecutor
  var collectors: [any EvidenceCollector]
  let limiter: RolloutLimiter
  let queue: WorkQueue<ObjectKey>
  let warnings: WarningMemory
  let failures: FailureMemory
  let metrics: ReconcileMetrics
  let health: OperatorHealth

  /// - Returns: how long after now to look again; nil when a change will tell.
  func reconcile(_ key: ObjectKey) async throws -> Duration? {
    try await health.watching(key) {
      try await metrics.reconciling { try await settle(key) }
    }
  }

  private func settle(_ key: ObjectKey) async throws -> Duration? {
    defer { executor.authorities.forget(key) }
    await view.waitUntilConfirmed()
    var observation = await view.observe(key, now: Date())
    observation.minimumDuration = minimumDuration
    observation.issueMissingAfter = issueMissingAfter
    for collector in collectors {
      observation.evidence.merge(await collector.evidence(of: observation, for: key))
    }
    do {
      let wait = try await act(on: key, &observation)
      failures.forget(key)
      return wait
    } catch {
      executor.announcer.finish(key, in: observation)
      // A rollout that did not begin takes nobody's turn.
      await wakeNext(after: key, observation)
      guard !Task.isCancelled, isLasting(error, of: key) else { throw error }
      await write(error, key: key, &observation)
      throw TerminalError(error)
    }
  }

  /// Whether an error is more than a fault that passes: the next try will fail in the same way, or several did.
  private func isLasting(_ error: any Error, of key: ObjectKey) -> Bool {
    switch error {
    // The rights may come a moment after the Deployment.
    case KubernetesError.api(let status) where status.isRefusal: failures.note(key)
    case ReconcileError.doesNotSettle: failures.note(key)
    case is PKIError, is ReconcileError: true
    default: false
    }
  }

  private func write(_ failure: any Error, key: ObjectKey, _ observation: inout Observation) async {
    guard let status = TLSPlanner.failure("\(failure)", observation) else { return }
    _ = try? await executor.write(status, key: key, observation: &observation)
  }

  private func act(on key: ObjectKey, _ observation: inout Observation) async throws -> Duration? {
    let versions = observation.unmanagedVersions
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
      executor.announcer.finish(key, in: observation)
      guard try await write(plan.statuses, key: key, &observation) else { continue }
      if warnings.isNews(plan.warning, of: key, uid: observation.milvus?.uid), let warning = plan.warning {
        executor.announcer.tell(warning.reason.rawValue, warning.message, .warning, of: key, in: observation)
      }
      for collector in collectors { await collector.collect(plan.evidence, for: key) }
      await wakeNext(after: key, observation)
      // The status says whom a Secret wakes: one that came before the status named it has woken nobody.
      if view.hasNewSecrets(for: observation, seen: versions) { await queue.add(key) }
      return plan.wakeUp.map { Self.wait(until: $0, now: observation.now) }
    }
    throw ReconcileError.doesNotSettle(rounds: Self.roundLimit)
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
    let isInTrouble = status?.verifiedReason == .rolloutUnfinished || status?.verifiedReason == .notReady
    let isRolling = status?.rollout != nil && !isInTrouble
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

extension APIStatus {
  /// Whether the server does not take the request as it is.
  fileprivate var isRefusal: Bool { (400..<500).contains(code) && ![401, 408, 409, 429].contains(code) }
}
