import Foundation

/// A client that does one TLS handshake to see whether, and with which certificate, a server lets it in.
///
/// The report tells what the server showed even when that is not to be trusted. Nothing is sent over the connection beyond the handshake.
///
/// In TLS 1.3 the client is through before the server has looked at its certificate (RFC 8446, 4.4.2.4), so a refusal comes as an alert afterwards. The probe
/// waits for it, or for the first byte: servers of gRPC send their settings at once (RFC 9113, 3.4), others wait for a request, which ends in
/// ``Outcome/noAnswer``.
public struct TLSProbe: Sendable {
  /// The DNS name or IP address that the certificate must be for; a DNS name is sent as SNI (RFC 6066).
  public let serverName: String
  /// What the server's chain must lead to.
  public let authorities: [Certificate]
  /// What to show a server that asks for a certificate; nil for nothing.
  public let identity: TLSIdentity?
  /// For name lookup, connection and handshake together, and the wait after it.
  public let timeout: Duration
  /// How long to wait after a handshake of TLS 1.3 for a refusal or a first byte.
  public let answerTimeout: Duration

  /// - Throws: ``PKIError`` for a server name that is none, or no authority.
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
    guard !authorities.isEmpty else { throw call.failure("there is no authority to trust") }
    self.serverName = serverName
    self.authorities = authorities
    self.identity = identity
    self.timeout = timeout
    self.answerTimeout = answerTimeout
  }

  /// Connects over TCP; every address of the host is tried until one connects, each within its share of the time.
  ///
  /// - Parameters:
  ///   - host: a DNS name, or an IP address without brackets.
  ///   - port: of the server.
  ///   - date: the time to judge the certificate at.
  /// - Throws: `CancellationError`; ``PKIError`` where OpenSSL cannot begin.
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

  /// Speaks over a connection that exists, which the caller closes afterwards.
  ///
  /// - Throws: `CancellationError`, what the stream throws; ``PKIError`` where OpenSSL cannot begin.
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
      fault: try ChainVerifier.fault(
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

  /// A server that lets us in is only as good as its certificate.
  private static func judge(_ outcome: Outcome, fault: ChainFault?) -> Outcome {
    guard let fault, outcome == .accepted || outcome == .noAnswer else { return outcome }
    return .untrusted(fault)
  }
}
