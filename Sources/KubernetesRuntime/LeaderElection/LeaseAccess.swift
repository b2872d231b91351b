import Kubernetes

/// The requests of a leader election about its Lease, each guarded by the version that was seen last, and all noted in the observation.
struct LeaseAccess: Sendable {
  /// Another holds the Lease, or it is gone: the next may hold it already.
  struct TakenOver: Error, CustomStringConvertible {
    /// Nil where there is no Lease.
    let holder: String?
    var description: String {
      holder.map { "the Lease is held by \($0.isEmpty ? "nobody" : $0)" } ?? "there is no Lease"
    }
  }

  static let resource = Resource(group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")

  let client: KubernetesClient
  let namespace: String
  let name: String
  let identity: String
  let leaseDuration: Duration
  let observation: LeaseObservation
  let clock: MonotonicClock

  /// Reads the Lease and takes it, if it is free, expired or still this process's own.
  /// - Throws: `TakenOver` where it is another's; a `Conflict` or `AlreadyExists` where another was faster.
  func acquire() async throws {
    try await read()
    guard let seen = observation.latest else {
      var lease = KubernetesObject(Self.resource, namespace: namespace, name: name)
      LeaseRecord.acquired(by: identity, after: nil, duration: leaseDuration).write(to: &lease)
      note(try await client.create(lease, as: Self.resource, namespace: namespace))
      return
    }
    guard timeUntilFree(seen) <= .zero else { throw TakenOver(holder: seen.record.holder) }
    try await write(.acquired(by: identity, after: seen.record, duration: leaseDuration), over: seen)
  }

  /// Shows a sign of life.
  /// - Throws: `TakenOver`.
  func renew() async throws {
    guard let seen = observation.latest else { throw TakenOver(holder: nil) }
    do {
      try await renew(seen)
    } catch KubernetesError.api(let status) where status.isConflict || status.isNotFound {
      // Its own last renewal may have come through unseen, or somebody labelled the Lease.
      try await read()
      guard let seen = observation.latest else { throw TakenOver(holder: nil) }
      try await renew(seen)
    }
  }

  /// Lets the next one take over at once, if the Lease is still this process's own.
  func release() async throws {
    try await read()
    guard let seen = observation.latest, seen.record.holder == identity else { return }
    try await write(seen.record.released, over: seen)
  }

  /// How long another still holds the Lease.
  func timeUntilFree(_ seen: LeaseObservation.Seen) -> Duration {
    let isFree = seen.record.holder.isEmpty || seen.record.holder == identity
    return isFree ? .zero : seen.time + seen.record.duration - clock.now()
  }

  private func renew(_ seen: LeaseObservation.Seen) async throws {
    guard seen.record.holder == identity else { throw TakenOver(holder: seen.record.holder) }
    try await write(seen.record.renewed, over: seen)
  }

  private func read() async throws {
    do {
      note(try await client.get(Self.resource, namespace: namespace, name: name))
    } catch KubernetesError.api(let status) where status.isNotFound {
      observation.seeDeletion()
    }
  }

  private func write(_ record: LeaseRecord, over seen: LeaseObservation.Seen) async throws {
    var lease = seen.object
    record.write(to: &lease)
    note(try await client.update(lease, as: Self.resource, namespace: namespace))
  }

  private func note(_ lease: KubernetesObject) {
    observation.see(lease, at: clock.now())
  }
}
