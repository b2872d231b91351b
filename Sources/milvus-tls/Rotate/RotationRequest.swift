import Foundation
import JSON
import MilvusTLS

/// A request for a rotation, made by an annotation.
struct RotationRequest: Equatable {
  enum Subject: Equatable {
    /// The server and client certificates.
    case certificates
    /// The CA and every certificate it issued.
    case authority
  }

  let subject: Subject
  /// The annotation's value. The operator acts once on each new value.
  let value: String

  init(_ subject: Subject, value: String = Self.freshValue()) {
    self.subject = subject
    self.value = value
  }

  /// The annotation on the Milvus.
  var annotation: String {
    switch subject {
    case .certificates: Annotations.rotate
    case .authority: Annotations.rotateAuthority
    }
  }

  /// Merge patch of the Milvus. It has no resourceVersion: it sets one annotation to a value that depends on nothing
  /// that was read, so concurrent changes by other clients are not conflicts.
  var patch: JSONValue { ["metadata": ["annotations": [annotation: .string(value)]]] }

  /// Whether the status shows that the operator has acted on this request.
  func isRecorded(in status: MilvusTLSStatus) -> Bool {
    switch subject {
    case .certificates: status.certificate?.rotation == value
    case .authority: status.authority?.rotation == value
    }
  }

  /// The current time (RFC 3339, UTC) with nanoseconds: unique even if requested twice in a second.
  private static func freshValue() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let fraction = String(time.tv_nsec)
    let seconds = Date(timeIntervalSince1970: Double(time.tv_sec)).kubernetesTime.dropLast()
    return "\(seconds).\(String(repeating: "0", count: 9 - fraction.count))\(fraction)Z"
  }
}
