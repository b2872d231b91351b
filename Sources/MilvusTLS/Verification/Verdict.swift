/// What a pod's log, or a handshake with one of its ports, says about its TLS.
public enum Verdict: Sendable, Hashable {
  /// The log has `["Internal TLS Enabled"] [value=true]` and no fault with certificates soon after; the port serves the
  /// certificate of the Secret.
  case confirmed(evidence: String)
  /// The log has `[value=false]`, or says that Milvus cannot use its certificates; the port serves something else.
  case refuted(evidence: String)
  /// The port serves a certificate that the release used before: the pod started with the former contents of the
  /// Secret.
  case outdated(evidence: String)
  /// Neither is proven: the log's start is gone, or the log is long and lacks the line; the port cannot be reached.
  case unknown(reason: String)

  /// As a condition has it.
  public var status: Condition.Status {
    switch self {
    case .confirmed: .true
    case .refuted, .outdated: .false
    case .unknown: .unknown
    }
  }

  /// The evidence or the reason.
  public var text: String {
    switch self {
    case .confirmed(let text), .refuted(let text), .outdated(let text), .unknown(let text): text
    }
  }

  /// The evidence of a verdict that TLS is not as specified; nil for any other.
  var refutation: String? { status == .false ? text : nil }

  var isConfirmed: Bool { status == .true }
}
