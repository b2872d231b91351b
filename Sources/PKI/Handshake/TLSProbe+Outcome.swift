extension TLSProbe {
  /// What a probe found out.
  public struct Report: Sendable, Hashable {
    /// How the connection went.
    public let outcome: Outcome
    /// What the server showed, trusted or not; nil where the connection ended before.
    public let server: Server?

    /// A report, for the tests of those who read it too.
    public init(outcome: Outcome, server: Server?) {
      self.outcome = outcome
      self.server = server
    }
  }

  /// What a server showed in the handshake.
  public struct Server: Sendable, Hashable {
    /// As it sent them, its own certificate first; at least one.
    public let chain: [Certificate]
    /// The version agreed on.
    public let version: TLSVersion
    /// What the server chose by ALPN (RFC 7301), such as `h2`; nil where it chose none.
    public let applicationProtocol: String?
    /// Whether it asked for a client certificate.
    public let requestsClientCertificate: Bool
    /// What is wrong with the chain, by the probe's authorities, server name and date; nil where all is right.
    public let fault: ChainFault?

    /// What a server showed, for the tests of those who read it too.
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

  /// How a connection went, from the first step to the last.
  public enum Outcome: Sendable, Hashable {
    /// The host's name has no address, for the resolver's reason.
    case unresolved(String)
    /// Nothing listens on the port.
    case connectionRefused
    /// Any other reason of the system's, such as no route.
    case unreachable(String)
    /// The time was over before the step was.
    case timedOut(Step)
    /// The server answered, but not in TLS.
    case notTLS
    /// The connection broke off in this step: the server gave no reason, or it was lost on the way.
    case closed(Step)
    /// The handshake cannot be done, for OpenSSL's reason.
    case failed(String)
    /// The server ended the connection with an alert: it does not take the client or its certificate.
    case refused(TLSAlert)
    /// The server did not refuse, but its certificate is not to be trusted.
    case untrusted(ChainFault)
    /// The server's certificate is good, the handshake is complete and the server has taken the client: it sent a byte, or did so by completing a
    /// handshake of TLS 1.2.
    case accepted
    /// As ``accepted``, but in TLS 1.3, where a refusal follows the handshake, neither a refusal nor a byte was seen in ``TLSProbe/answerTimeout``, or
    /// before the server took leave (close_notify), as some do that wait for a request.
    case noAnswer
  }

  /// The steps that wait for someone else.
  public enum Step: String, Sendable, Hashable {
    case resolution
    case connection
    case handshake
    /// After the handshake; its end is ``Outcome/noAnswer``.
    case answer
  }
}
