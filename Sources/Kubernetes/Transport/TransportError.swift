import CCurl

/// A request that got no complete answer.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: String, Sendable {
    /// The server's name has no address, or nothing listens there.
    case cannotConnect = "cannot connect"
    /// The server's certificate was refused, or ours by the server.
    case tls = "TLS failed"
    case timedOut = "timed out"
    /// The connection ended before the response did.
    case connectionLost = "connection lost"
    /// The body passed the limit of what is kept in memory.
    case responseTooLarge = "response too large"
    /// The client was shut down while the request ran, or before.
    case shutDown = "client shut down"
    case invalidRequest = "invalid request"
    case other = "failed"
  }

  public let reason: Reason
  /// What was asked, as `GET /api/v1/pods`.
  public let request: String
  /// libcurl's own words where there are any.
  public let detail: String

  public var description: String {
    detail.isEmpty ? "\(request): \(reason.rawValue)" : "\(request): \(reason.rawValue): \(detail)"
  }
}

extension TransportError.Reason {
  init(_ code: CURLcode) {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_PROXY: self = .cannotConnect
    case CURLE_OPERATION_TIMEDOUT: self = .timedOut
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CLIENTCERT:
      self = .tls
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM,
      CURLE_SEND_FAIL_REWIND:
      self = .connectionLost
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: self = .invalidRequest
    default: self = .other
    }
  }
}
