/// What a pod's log, or a handshake with one of its ports, says about its TLS.
public enum Verdict: Sendable, Hashable {
  /// The log has `["Internal TLS Enabled"] [value=true]` and no fault with certificates soon after; the port serves what it shall.
  case confirmed(evidence: String)
  /// The log has `[value=false]`, or that Milvus cannot use its certificates; the port serves something else.
  case refuted(evidence: String)
  /// Neither can be told: the log's start is gone, or it went on for long without the line; the port cannot be reached.
  case unknown(reason: String)
}
