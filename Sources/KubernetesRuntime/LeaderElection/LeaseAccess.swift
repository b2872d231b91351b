import Kubernetes

/// Requests on the Lease of a leader election. Each write requires the version seen last, and each result is recorded
/// in the observation.
struct LeaseAccess: Sendable {
  /// The Lease is held by another process, or deleted and perhaps acquired by another process already.
  struct TakenOver: Error, CustomStringConvertible {
    /// Nil if there is no Lease.
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

  /// Reads the Lease and acquires it if it is free, expired or held by this process.
  /// - Throws: `TakenOver` if another process holds it; a `Conflict` or `AlreadyExists` if another process was faster.
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

  /// Whether an error of `acquire` says that another process has the Lease.
  static func isWonByAnother(_ error: any Error) -> Bool {
    switch error {
    case is TakenOver: true
    case KubernetesError.api(let status): status.isConflict || status.isAlreadyExists
    default: false
    }
  }

  /// Renews the Lease.
  /// - Throws: `TakenOver`.
  func renew() async throws {
    guard let seen = observation.latest else { throw TakenOver(holder: nil) }
    do {
      try await renew(seen)
    } catch KubernetesError.api(let status) where status.isConflict || status.isNotFound {
      // An earlier renewal may have succeeded without an answer, or someone changed the Lease's labels.
      try await read()
      guard let seen = observation.latest else { throw TakenOver(holder: nil) }
      try await renew(seen)
    }
  }

  /// Releases the Lease, if this process still holds it, so that another can acquire it at once.
  func release() async throws {
    try await read()
    guard let seen = observation.latest, seen.record.holder == identity else { return }
    try await write(seen.record.released, over: seen)
  }

  /// How long another process still holds the Lease.
  func timeUntilFree(_ seen: LeaseObservation.Seen) -> Duration {
    let isFree = seen.record.holder.isEmpty || seen.record.holder == identity
    return isFree ? .zero : seen.time + seen.record.duration - clock.now()
  }

  private func renew(_ seen: LeaseObservation.Seen) async throws {
    guard seen.record.holder == identity else { throw TakenOver(holder: seen.record.holder) }
    try await write(seen.record.renewed, over: seen)
  }

  private func read() async throws {
    let known = observation.latest
    do {
      let lease = try await client.get(Self.resource, namespace: namespace, name: name)
      observation.see(lease, at: clock.now(), readAfter: known)
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
