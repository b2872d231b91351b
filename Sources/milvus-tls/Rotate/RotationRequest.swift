import Foundation
import JSON
import MilvusTLS

/// A request for a rotation, as it goes into an annotation.
struct RotationRequest: Equatable {
  enum Subject: Equatable {
    /// The certificates of server and clients.
    case certificates
    /// The CA and every certificate that it issued.
    case authority
  }

  let subject: Subject
  /// The annotation's value, which the operator acts on once.
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

  /// The merge patch of the Milvus. It goes without a resourceVersion: it sets one annotation of its own to a value that rests on nothing that was
  /// read, so that another's change at the same time is no reason to ask again.
  var patch: JSONValue { ["metadata": ["annotations": [annotation: .string(value)]]] }

  /// Whether a status says that the operator acted on it.
  func isRecorded(in status: MilvusTLSStatus) -> Bool {
    switch subject {
    case .certificates: status.certificate?.rotation == value
    case .authority: status.authority?.rotation == value
    }
  }

  /// The present time (RFC 3339, UTC) in nanoseconds: a value that was not there before, even when asked twice in a second.
  private static func freshValue() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let fraction = String(time.tv_nsec)
    let seconds = Date(timeIntervalSince1970: Double(time.tv_sec)).kubernetesTime.dropLast()
    return "\(seconds).\(String(repeating: "0", count: 9 - fraction.count))\(fraction)Z"
  }
}
