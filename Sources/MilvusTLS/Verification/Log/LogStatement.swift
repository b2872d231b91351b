/// What a line of Milvus's log states about TLS.
enum LogStatement: Equatable {
  /// `Internal TLS Enabled`, with its value.
  case enabled(Bool)
  /// Milvus cannot use its own certificates.
  case fault
  /// TLS with a peer failed. This is temporary while pods with and without TLS run side by side, so for a running
  /// process it proves nothing.
  case handshakeFault
}

extension MilvusLogLine {
  var statement: LogStatement? {
    if message.lowercased() == "internal tls enabled" { return enabled.map(LogStatement.enabled) }
    guard level.isFault else { return nil }
    let message = message.lowercased()
    if Self.faults.contains(where: message.contains) { return .fault }
    let error =
      message + " " + ["error", "err", "reason"].compactMap { fields[$0]?.lowercased() }.joined(separator: " ")
    if error.contains(Self.sharedPort) { return .fault }
    guard error.contains("x509: ") || error.contains("tls: ") else { return nil }
    return level.isEnd || Self.ownErrors.contains(where: error.contains) ? .fault : .handshakeFault
  }

  /// The value, if it is unambiguous. The cut part of a line could contradict it.
  private var enabled: Bool? {
    guard let value = fields["value"], text.ranges(of: "\"value\":").count <= 1,
      text.ranges(of: "\"message\":").count <= 1
    else { return nil }
    switch value {
    case "true": return isCut ? nil : true
    case "false": return false
    default: return nil
    }
  }

  /// Messages of Milvus when its certificates are unusable (internal/distributed/utils, internal/distributed/proxy,
  /// pkg/util/paramtable).
  private static let faults = [
    "can't create creds", "failed to create internal tls credentials", "error reading cert file in client",
    "failed to append certificates", "cant load x509 key pair", "failed read ca pem", "fail to append ca to cert",
  ]

  /// Newer releases do not start where REST is on gRPC's port beside TLS (internal/distributed/proxy); the warning has
  /// it as its error.
  private static let sharedPort = "share the same port, tls mode must be 0"

  /// Errors of Go's crypto/tls and crypto/x509 that come from reading one's own files, never from a handshake.
  private static let ownErrors = [
    "tls: failed to find", "tls: failed to parse", "tls: private key", "tls: found a certificate rather than a key",
    "tls: unknown public key", "x509: malformed", "x509: failed to parse", "x509: trailing data",
    "x509: no certs found",
  ]

  /// A Go panic about TLS, quoted; nil for any other line.
  static func panicEvidence(_ raw: RawLogLine) -> String? {
    guard raw.bytes.starts(with: "panic: ".utf8) || raw.bytes.starts(with: "fatal error: ".utf8) else { return nil }
    let text = String(decoding: raw.bytes, as: UTF8.self).removingControls
    let lowercased = text.lowercased()
    let isAboutTLS = (faults + [sharedPort, "x509: ", "tls: "]).contains(where: lowercased.contains)
    return isAboutTLS ? LogEvidence.quote(text) : nil
  }
}
