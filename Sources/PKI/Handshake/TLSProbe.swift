import Foundation

/// A client that does one TLS handshake to find out which certificate a server presents and whether it accepts the
/// client.
///
/// The report includes what the server presented even if it is not trusted. Nothing is sent after the handshake.
///
/// In TLS 1.3 the client completes the handshake before the server has verified its certificate (RFC 8446, 4.4.2.4), so
/// a rejection arrives as an alert afterwards. The probe waits for it or for the first byte. gRPC servers send their
/// settings at once (RFC 9113, 3.4); other servers wait for a request, which gives ``Outcome/noAnswer``.
public struct TLSProbe: Sendable {
  /// DNS name or IP address that the certificate must be valid for; a DNS name is sent as SNI (RFC 6066).
  public let serverName: String
  /// CA certificates that the server's chain must lead to. Empty where the issuer is not known: of the chain only the
  /// dates of the server's own certificate are checked then.
  public let authorities: [Certificate]
  /// Certificate and key for a server that requests a certificate; nil for none.
  public let identity: TLSIdentity?
  /// Limit for lookup, connection, handshake and the wait after it together.
  public let timeout: Duration
  /// How long to wait after a TLS 1.3 handshake for a rejection or a first byte.
  public let answerTimeout: Duration

  /// - Throws: ``PKIError`` if the server name is invalid.
  public init(
    serverName: String,
    authorities: [Certificate],
    identity: TLSIdentity? = nil,
    timeout: Duration = .seconds(5),
    answerTimeout: Duration = .seconds(2)
  ) throws {
    let call = OpenSSLCall("prepare a TLS handshake")
    if IPAddress(serverName) == nil, let objection = DNSName.objection(to: serverName, allowingWildcard: false) {
      throw call.failure("\(serverName.debugDescription) is not a DNS name or IP address: \(objection)")
    }
    self.serverName = serverName
    self.authorities = authorities
    self.identity = identity
    self.timeout = timeout
    self.answerTimeout = answerTimeout
  }

  /// Connects over TCP. The host's addresses are tried in order until one connects, each within its share of the time.
  ///
  /// - Parameters:
  ///   - host: a DNS name, or an IP address without brackets.
  ///   - port: the server's port.
  ///   - date: time at which to verify the certificate.
  /// - Throws: `CancellationError`; ``PKIError`` if OpenSSL cannot start a connection.
  public func report(host: String, port: UInt16, at date: Date) async throws -> Report {
    let deadline = Deadline(after: timeout)
    do {
      let connection = try await connect(to: host, port: port, until: deadline)
      return try await report(over: connection, until: deadline, at: date)
    } catch let failure as HostResolver.Failure {
      return Report(outcome: .unresolved(failure.reason), server: nil)
    } catch let failure as TCPConnection.Failure {
      return Report(outcome: failure.isRefusal ? .connectionRefused : .unreachable(failure.reason), server: nil)
    } catch let passed as Deadline.Passed {
      return Report(outcome: .timedOut(passed.step), server: nil)
    }
  }

  /// Uses an existing connection, which the caller closes afterwards.
  ///
  /// - Throws: `CancellationError`, errors of the stream; ``PKIError`` if OpenSSL cannot start a connection.
  public func report(over stream: some ByteStream, at date: Date) async throws -> Report {
    try await report(over: stream, until: Deadline(after: timeout), at: date)
  }

  private func connect(to host: String, port: UInt16, until deadline: Deadline) async throws -> TCPConnection {
    let addresses = try await deadline.limit(.resolution) {
      try await HostResolver.addresses(of: host, port: port)
    }
    return try await TCPConnection.connect(toOneOf: addresses, until: deadline)
  }

  private func report(over stream: any ByteStream, until deadline: Deadline, at date: Date) async throws -> Report {
    let client = try TLSClient(serverName: serverName, identity: identity)
    let exchange = TLSExchange(client: client, stream: stream, deadline: deadline, answerTimeout: answerTimeout)
    let outcome = try await exchange.run()
    let chain: [Certificate]
    do {
      chain = try client.serverChain()
    } catch {
      return Report(outcome: .failed("\(error)"), server: nil)
    }
    guard let leaf = chain.first, let version = client.version else { return Report(outcome: outcome, server: nil) }
    let server = Server(
      chain: chain,
      version: version,
      applicationProtocol: client.applicationProtocol,
      requestsClientCertificate: client.requestsClientCertificate,
      fault: authorities.isEmpty
        ? ChainFault.dates(of: leaf, at: date)
        : try ChainVerifier.fault(
          leaf: leaf,
          intermediates: Array(chain.dropFirst()),
          authorities: authorities,
          purpose: .server,
          name: serverName,
          at: date
        )
    )
    return Report(outcome: Self.judge(outcome, fault: server.fault), server: server)
  }

  /// A server that accepts the client still needs a valid certificate.
  private static func judge(_ outcome: Outcome, fault: ChainFault?) -> Outcome {
    guard let fault, outcome == .accepted || outcome == .noAnswer else { return outcome }
    return .untrusted(fault)
  }
}
