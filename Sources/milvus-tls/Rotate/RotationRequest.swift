import Foundation
import JSON
import MilvusTLS

/// One request to replace what a Milvus uses, as it goes into an annotation.
struct RotationRequest: Equatable {
  enum Subject: Equatable {
    /// The certificates of server and clients.
    case certificates
    /// The authority, and with it all that it issued.
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
    case .certificates: Names.rotateAnnotation
    case .authority: Names.rotateAuthorityAnnotation
    }
  }

  /// The merge patch of the Milvus. It goes without a resourceVersion: it sets one annotation of its own to a value that rests on nothing that was
  /// read, so that another's change at the same time is no reason to ask again.
  var patch: JSONValue { ["metadata": ["annotations": [annotation: .string(value)]]] }

  /// Whether a status tells that the operator acted on it.
  func isRecorded(in status: JSONValue) -> Bool {
    let section = subject == .authority ? "authority" : "certificate"
    return status[path: section, "rotation"]?.string == value
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
