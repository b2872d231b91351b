import CCurl

/// A request without a complete response.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: String, Sendable {
    /// The server's name cannot be resolved, or the connection is refused.
    case cannotConnect = "cannot connect"
    /// Either side rejected the other's certificate, or the TLS handshake failed.
    case tls = "TLS failed"
    case timedOut = "timed out"
    /// The connection ended before the response was complete.
    case connectionLost = "connection lost"
    /// The body exceeds the limit for responses kept in memory.
    case responseTooLarge = "response too large"
    /// The client was shut down before or during the request.
    case shutDown = "client shut down"
    case invalidRequest = "invalid request"
    case other = "failed"
  }

  public let reason: Reason
  /// Method and path of the request, for example `GET /api/v1/pods`.
  public let request: String
  /// libcurl's error message, if any.
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
