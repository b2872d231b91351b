import Foundation
import Kubernetes
import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// Leader election by client-go's rules, with a Lease of coordination.k8s.io/v1.
///
/// Clocks of other processes do not matter: a Lease has expired if this process, by its own monotonic clock, has not
/// seen it change for its duration. A leader that cannot renew first loses its permit, so that no write is sent; then
/// its task is cancelled, and only when the task has ended does the process compete again. controller-runtime exits the
/// process instead, because a goroutine cannot be forced to end. Here the task is awaited and a permit never becomes
/// valid again, so continuing is as safe, and the stores stay warm.
public final class LeaderElector: Sendable {
  private enum Outcome {
    case finished
    case lost
    /// Renewal was cancelled; the leading task ends by itself.
    case stoppedRenewing
  }

  /// This process's holder identity in the Lease.
  public let identity: String
  private let name: String
  private let timing: LeaseTiming
  private let logger: Logger
  private let status: Gauge
  private let clock: MonotonicClock
  private let lease: LeaseAccess
  private let observation: LeaseObservation
  private let watch: Informer<KubernetesObject>
  /// Whether the Lease may name this process as its holder.
  private let mightHoldLease = Mutex(false)

  /// - Parameters:
  ///   - name: name of the Lease.
  ///   - identity: must be unique among all processes, including earlier ones.
  ///   - metrics: receives `leader_election_master_status`.
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

  /// `<hostname>_<uuid>`, as in controller-runtime: in a pod, the host name is the pod's name.
  public static func uniqueIdentity() -> String {
    "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.lowercased())"
  }

  /// Competes for the Lease and runs `leading` in each term, until `leading` returns or throws, the task is cancelled,
  /// or a graceful shutdown begins. Then the Lease is released.
  /// - Parameter leading: cancelled when the term is over, and must end then. On a graceful shutdown it is not
  ///   cancelled and ends by itself.
  /// - Throws: errors that `leading` throws during its term.
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
        logger.info("became leader as \(identity)")
        status.record(1)
        defer { status.record(0) }
        if try await lead(permit, leading) == .finished { break }
        logger.error("lost leadership; competing for the Lease again")
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await release()
    if !Task.isCancelled { try result.get() }
  }

  // MARK: Winning

  /// Waits until the Lease is free, and acquires it.
  /// - Returns: nil if the task is cancelled.
  private func acquire() async -> LeaderPermit? {
    var (knownHolder, knownFailure) = ("", "")
    while !Task.isCancelled {
      let change = observation.nextChange
      if let seen = observation.latest, lease.timeUntilFree(seen) > .zero {
        if seen.record.holder != knownHolder { logger.info("standing by: the leader is \(seen.record.holder)") }
        knownHolder = seen.record.holder
        await wait(for: change, atMost: lease.timeUntilFree(seen))
        continue
      }
      let start = clock.now()
      do {
        mightHoldLease.withLock { $0 = true }
        try await clock.run(within: timing.renewDeadline / 2) { [lease] in try await lease.acquire() }
        return LeaderPermit(clock: clock, validUntil: start + timing.renewDeadline)
      } catch {
        if Task.isCancelled { return nil }
        // A standby that is slower than another is in order. What lasts, such as a missing right, is reported once.
        let (failure, isInOrder) = ("\(error)", LeaseAccess.isWonByAnother(error))
        let isNews = !isInOrder && failure != knownFailure
        logger.log(level: isNews ? .warning : .debug, "Lease \(name) not acquired: \(failure)")
        if isNews { knownFailure = failure }
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
          // Errors after the end of the term are caused by the cancellation.
          while let result = await group.nextResult() { logger.debug("after the term: \(result)") }
          return .lost
        }
      }
      return .finished
    }
  }

  /// Renews the Lease until the permit expires or the task is cancelled.
  private func renew(_ permit: LeaderPermit) async -> Outcome {
    while let remaining = permit.remaining {
      let change = observation.nextChange
      do {
        // The watch reports a Lease that was deleted or taken over before the next renewal does.
        guard observation.latest?.record.holder == identity else {
          throw LeaseAccess.TakenOver(holder: observation.latest?.record.holder)
        }
        await wait(for: change, atMost: min(timing.retryPeriod, remaining))
        // The process may have been paused: an expired term is not renewed.
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

  /// Releases the Lease. Not in the current task, which may already be cancelled.
  private func release() async {
    guard mightHoldLease.withLock({ $0 }) else { return }
    await Task { [lease, clock, logger, name] in
      do {
        try await clock.run(within: timing.releaseLimit) { try await lease.release() }
      } catch {
        logger.warning("Lease \(name) not released: \(error)")
      }
    }.value
  }
}
