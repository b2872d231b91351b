import Foundation
import JSON
import MilvusTLS

/// The state of one Milvus, from the status of its MilvusTLS. Two are equal if everything that the command shows is.
struct ReleaseStatus: Sendable, Equatable {
  let namespace: String
  let milvus: String
  let milvusTLS: String
  /// Nil until the operator has reported.
  let external: ExternalMode?
  let `internal`: Bool?
  let ready: Condition.Status
  let verified: Condition.Status
  /// Why it is not Ready, or else not Verified; nil if it is both.
  let reason: String?
  let message: String?
  /// When the server certificate expires.
  let expires: Date?
  /// When the server certificate is due for renewal; nil if somebody else renews it.
  let renews: Date?

  init(_ observed: ObservedMilvusTLS) {
    (namespace, milvus, milvusTLS) = (observed.namespace, observed.milvusName, observed.name)
    let status = observed.status
    (external, `internal`) = (status.external, status.internal)
    let (ready, verified) = (observed.presentCondition(.ready), observed.presentCondition(.verified))
    self.ready = ready?.status ?? .unknown
    self.verified = verified?.status ?? .unknown
    if let cause = [ready, verified].first(where: { $0?.status != .true }) {
      let isStale = status.condition(.ready) != nil
      reason = cause?.reason ?? (isStale ? "Stale" : "NotReported")
      message =
        cause?.message
        ?? (isStale
          ? "The operator has not reported on generation \(observed.generation) yet"
          : "The operator has not reported a status yet")
    } else {
      (reason, message) = (nil, nil)
    }
    expires = status.certificate.flatMap { Date(kubernetesTime: $0.notAfter) }
    renews = status.certificate?.renewalTime.flatMap(Date.init(kubernetesTime:))
  }

  /// For programs. What is not known is null.
  var json: JSONValue {
    [
      "namespace": .string(namespace), "milvus": .string(milvus), "milvusTLS": .string(milvusTLS),
      "external": external.map { .string($0.rawValue) } ?? .null, "internal": `internal`.map(JSONValue.bool) ?? .null,
      "ready": .string(ready.rawValue), "verified": .string(verified.rawValue),
      "reason": reason.map(JSONValue.string) ?? .null, "message": message.map(JSONValue.string) ?? .null,
      "expires": expires.map { .string($0.kubernetesTime) } ?? .null,
      "renews": renews.map { .string($0.kubernetesTime) } ?? .null,
    ]
  }
}
