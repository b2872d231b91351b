import Foundation
import Kubernetes
import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// Lets one of several processes lead, by client-go's rules on a Lease of coordination.k8s.io/v1.
///
/// Other processes' clocks do not matter: a Lease has expired when this process has not seen it change for its duration, by its own
/// monotonic clock. A leader that cannot renew loses its permit first, so that no write goes out, then its task is cancelled, and
/// only when that has ended does it compete again. controller-runtime ends the process in place of that, since a goroutine cannot be
/// made to end; here the task is awaited and a term's permit never comes back, so staying is as safe, and the stores stay warm.
public final class LeaderElector: Sendable {
  private enum Outcome {
    case finished
    case lost
    /// The renewing was cancelled; whatever is led ends by itself.
    case stoppedRenewing
  }

  /// What this process is called in the Lease.
  public let identity: String
  private let name: String
  private let timing: LeaseTiming
  private let logger: Logger
  private let status: Gauge
  private let clock: MonotonicClock
  private let lease: LeaseAccess
  private let observation: LeaseObservation
  private let watch: Informer<KubernetesObject>
  /// Whether the Lease may be in this process's name.
  private let mayHold = Mutex(false)

  /// - Parameters:
  ///   - name: of the Lease.
  ///   - identity: differs from that of every other process, earlier ones too.
  ///   - metrics: takes `leader_election_master_status`.
  public convenience init(
    client: KubernetesClient,
    namespace: String,
    name: String,
    identity: String = LeaderElector.uniqueIdentity(),
    timing: LeaseTiming = LeaseTiming(),
    logger: Logger,
    metrics: any MetricsFactory = MetricsSystem.factory
  ) {
    self.init(
      client: client,
      namespace: namespace,
      name: name,
      identity: identity,
      timing: timing,
      logger: logger,
      metrics: metrics,
      clock: .system
    )
  }

  init(
    client: KubernetesClient,
    namespace: String,
    name: String,
    identity: String,
    timing: LeaseTiming,
    logger: Logger,
    metrics: any MetricsFactory,
    clock: MonotonicClock
  ) {
    self.identity = identity
    self.name = name
    self.timing = timing
    self.logger = logger
    self.clock = clock
    status = Gauge(label: "leader_election_master_status", dimensions: [("name", name)], factory: metrics)
    status.record(0)
    let observation = LeaseObservation()
    self.observation = observation
    lease = LeaseAccess(
      client: client,
      namespace: namespace,
      name: name,
      identity: identity,
      leaseDuration: timing.leaseDuration,
      observation: observation,
      clock: clock
    )
    watch = Informer(
      client: client,
      resource: LeaseAccess.resource,
      namespaces: [namespace],
      fieldSelector: "metadata.name=\(name)",
      logger: logger,
      transform: { $0 },
      onChange: { _, _, after in
        if let after { observation.see(after, at: clock.now()) } else { observation.seeDeletion() }
      }
    )
  }

  /// `<hostname>_<uuid>`, as client-go's users form it: in a pod the host name is the pod's name.
  public static func uniqueIdentity() -> String {
    "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.lowercased())"
  }

  /// Competes, and runs `leading` in each term that is won, until `leading` returns or throws, the task is cancelled, or a graceful
  /// shutdown begins. Then the Lease is released.
  /// - Parameter leading: is cancelled when the term is over, and has to end then; on a graceful shutdown it is left to end by itself.
  /// - Throws: what `leading` throws in its own term.
  public func run(leading: @escaping @Sendable (LeaderPermit) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        await self.watch.run()
        return false
      }
      group.addTask {
        try await self.compete(leading)
        return true
      }
      defer { group.cancelAll() }
      while let isOver = try await group.next(), !isOver {}
    }
  }

  private func compete(_ leading: @escaping @Sendable (LeaderPermit) async throws -> Void) async throws {
    let result: Result<Void, any Error>
    do {
      while let permit = await cancelWhenGracefulShutdown({ await self.acquire() }) {
        logger.info("leading as \(identity)")
        status.record(1)
        defer { status.record(0) }
        if try await lead(permit, leading) == .finished { break }
        logger.error("not leading any more; competing again")
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await release()
    if !Task.isCancelled { try result.get() }
  }

  // MARK: Winning

  /// Waits for the Lease to be free and takes it.
  /// - Returns: nil when the task is cancelled.
  private func acquire() async -> LeaderPermit? {
    var knownHolder = ""
    while !Task.isCancelled {
      let change = observation.nextChange
      if let seen = observation.latest, lease.timeUntilFree(seen) > .zero {
        if seen.record.holder != knownHolder { logger.info("waiting; \(seen.record.holder) leads") }
        knownHolder = seen.record.holder
        await wait(for: change, atMost: lease.timeUntilFree(seen))
        continue
      }
      let start = clock.now()
      do {
        mayHold.withLock { $0 = true }
        try await clock.run(within: timing.renewDeadline / 2) { [lease] in try await lease.acquire() }
        return LeaderPermit(clock: clock, validUntil: start + timing.renewDeadline)
      } catch {
        if Task.isCancelled { return nil }
        logger.debug("Lease \(name) not acquired: \(error)")
        if !(error is LeaseAccess.TakenOver) { await wait(for: change, atMost: timing.jitteredRetryPeriod) }
      }
    }
    return nil
  }

  private func wait(for change: Latch, atMost limit: Duration) async {
    _ = try? await clock.run(within: limit) { await change.wait() }
  }

  // MARK: Leading

  private func lead(
    _ permit: LeaderPermit,
    _ leading: @escaping @Sendable (LeaderPermit) async throws -> Void
  ) async throws -> Outcome {
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      group.addTask {
        try await leading(permit)
        return .finished
      }
      group.addTask { await self.renew(permit) }
      defer {
        permit.revoke()
        group.cancelAll()
      }
      while let outcome = try await group.next() {
        switch outcome {
        case .finished: return .finished
        case .stoppedRenewing: continue
        case .lost:
          group.cancelAll()
          // What it throws now is about having been cancelled.
          while let result = await group.nextResult() { logger.debug("after the term: \(result)") }
          return .lost
        }
      }
      return .finished
    }
  }

  /// Renews until the permit is over or the task is cancelled.
  private func renew(_ permit: LeaderPermit) async -> Outcome {
    while let remaining = permit.remaining {
      let change = observation.nextChange
      do {
        // The watch tells of a Lease that is deleted or given to another before the next renewal does.
        guard observation.latest?.record.holder == identity else {
          throw LeaseAccess.TakenOver(holder: observation.latest?.record.holder)
        }
        await wait(for: change, atMost: min(timing.retryPeriod, remaining))
        // Time may have passed unseen: a term that is over is not renewed.
        if Task.isCancelled { return .stoppedRenewing }
        guard !change.isOpen, let remaining = permit.remaining else { continue }
        let start = clock.now()
        try await clock.run(within: min(timing.renewDeadline / 2, remaining)) { [lease] in try await lease.renew() }
        permit.extend(until: start + timing.renewDeadline)
      } catch {
        if Task.isCancelled { return .stoppedRenewing }
        logger.warning("Lease \(name) not renewed: \(error)")
        if error is LeaseAccess.TakenOver { break }
      }
    }
    permit.revoke()
    return .lost
  }

  // MARK: Stopping

  /// Gives the Lease back; not in the task itself, which may be cancelled already.
  private func release() async {
    guard mayHold.withLock({ $0 }) else { return }
    await Task { [lease, clock, logger, name] in
      do {
        try await clock.run(within: timing.releaseLimit) { try await lease.release() }
      } catch {
        logger.warning("Lease \(name) not released: \(error)")
      }
    }.value
  }
}
