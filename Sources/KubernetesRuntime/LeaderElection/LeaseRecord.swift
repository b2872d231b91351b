import Foundation
import JSON
import Kubernetes

/// Contents of a Lease.
///
/// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/
struct LeaseRecord: Sendable, Equatable {
  /// Empty if there is no leader.
  var holder: String
  var duration: Duration
  var acquireTime: String
  var renewTime: String
  var transitions: Int

  init(_ object: KubernetesObject) {
    let spec = object.json["spec"]
    holder = spec?["holderIdentity"]?.string ?? ""
    duration = .seconds(spec?["leaseDurationSeconds"]?.integer ?? 0)
    acquireTime = spec?["acquireTime"]?.string ?? ""
    renewTime = spec?["renewTime"]?.string ?? ""
    transitions = spec?["leaseTransitions"]?.integer ?? 0
  }

  private init(holder: String, duration: Duration, acquireTime: String, renewTime: String, transitions: Int) {
    self.holder = holder
    self.duration = duration
    self.acquireTime = acquireTime
    self.renewTime = renewTime
    self.transitions = transitions
  }

  /// A record for a new leader.
  /// - Parameter former: the previous record; nil if there was none.
  static func acquired(by identity: String, after former: LeaseRecord?, duration: Duration) -> LeaseRecord {
    LeaseRecord(
      holder: identity,
      duration: duration,
      acquireTime: now,
      renewTime: now,
      transitions: former.map { $0.transitions + ($0.holder == identity ? 0 : 1) } ?? 0
    )
  }

  /// The record after a renewal by the same leader.
  var renewed: LeaseRecord {
    var record = self
    record.renewTime = Self.now
    return record
  }

  /// The record without a holder: client-go's form of a release, after which others can acquire the Lease at once.
  var released: LeaseRecord {
    LeaseRecord(
      holder: "",
      duration: .seconds(1),
      acquireTime: Self.now,
      renewTime: Self.now,
      transitions: transitions
    )
  }

  /// Writes the record into a Lease without changing its other fields.
  func write(to object: inout KubernetesObject) {
    var spec = object.json["spec"] ?? [:]
    spec["holderIdentity"] = .string(holder)
    spec["leaseDurationSeconds"] = .integer(Int(duration.components.seconds))
    spec["acquireTime"] = .string(acquireTime)
    spec["renewTime"] = .string(renewTime)
    spec["leaseTransitions"] = .integer(transitions)
    object.json["spec"] = spec
  }

  /// Wall clock time as `MicroTime`. It is informational: clocks of different machines are never compared.
  private static var now: String {
    let microseconds = Int((Date().timeIntervalSince1970 * 1_000_000).rounded(.down))
    let seconds = Date(timeIntervalSince1970: TimeInterval(microseconds / 1_000_000)).formatted(.iso8601)
    let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
    return "\(seconds.dropLast()).\(fraction)Z"
  }
}
