extension TLSProbe {
  /// Result of a probe.
  public struct Report: Sendable, Hashable {
    /// How the connection went.
    public let outcome: Outcome
    /// What the server presented, trusted or not; nil if the connection ended before that.
    public let server: Server?

    /// Creates a report, for tests of code that reads reports.
    public init(outcome: Outcome, server: Server?) {
      self.outcome = outcome
      self.server = server
    }
  }

  /// What a server presented in the handshake.
  public struct Server: Sendable, Hashable {
    /// The certificates as sent, the server's own first; at least one.
    public let chain: [Certificate]
    /// The negotiated version.
    public let version: TLSVersion
    /// The protocol that the server selected by ALPN (RFC 7301), for example `h2`; nil for none.
    public let applicationProtocol: String?
    /// Whether the server requested a client certificate.
    public let requestsClientCertificate: Bool
    /// Why the chain is invalid for the probe's CAs, server name and date; nil if it is valid.
    public let fault: ChainFault?

    /// Creates a value, for tests of code that reads reports.
    public init(
      chain: [Certificate],
      version: TLSVersion,
      applicationProtocol: String?,
      requestsClientCertificate: Bool,
      fault: ChainFault?
    ) {
      self.chain = chain
      self.version = version
      self.applicationProtocol = applicationProtocol
      self.requestsClientCertificate = requestsClientCertificate
      self.fault = fault
    }
  }

  /// How a connection ended.
  public enum Outcome: Sendable, Hashable {
    /// The host's name cannot be resolved, for the resolver's reason.
    case unresolved(String)
    /// Nothing listens on the port.
    case connectionRefused
    /// Any other system error, for example no route.
    case unreachable(String)
    /// The step did not complete in time.
    case timedOut(Step)
    /// The server answered, but not with TLS.
    case notTLS
    /// The connection closed during this step without an alert.
    case closed(Step)
    /// The handshake failed, for OpenSSL's reason.
    case failed(String)
    /// The server sent an alert: it does not accept the client or its certificate.
    case refused(TLSAlert)
    /// The server did not reject the client, but its certificate is not trusted.
    case untrusted(ChainFault)
    /// The server's certificate is valid, the handshake is complete and the server accepted the client: it sent a byte,
    /// or it completed a TLS 1.2 handshake.
    case accepted
    /// As ``accepted``, but unconfirmed. In TLS 1.3 a rejection follows the handshake. Neither a rejection nor a byte
    /// arrived within ``TLSProbe/answerTimeout``, or before the server sent close_notify, as some servers do that wait
    /// for a request.
    case noAnswer
  }

  /// Steps that wait for the other side.
  public enum Step: String, Sendable, Hashable {
    case resolution
    case connection
    case handshake
    /// After the handshake. If it times out, the outcome is ``Outcome/noAnswer``.
    case answer
  }
}
