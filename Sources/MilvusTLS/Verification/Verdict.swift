/// What a pod's log says about internal TLS.
public enum Verdict: Sendable, Hashable {
  /// Milvus wrote `["Internal TLS Enabled"] [value=true]`, and no fault with its certificates came soon after.
  case confirmed(evidence: String)
  /// Milvus wrote `[value=false]`, or that it cannot use its certificates.
  case refuted(evidence: String)
  /// The log proves nothing either way: its start is gone, or it went on for long without the line.
  case unknown(reason: String)
}
