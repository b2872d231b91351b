/// HTTPS over libcurl for servers that are not Kubernetes' API, as a pod's: each request has a connection of its own.
public final class HTTPSClient: Sendable {
  /// Whom to ask, and how to know each other.
  public struct Peer: Sendable {
    /// Where to connect to: an IP address or a name.
    public let host: String
    public let port: UInt16
    /// The name that the certificate has to be for.
    public let serverName: String
    /// What the certificate has to lead to, PEM.
    public let authorities: String
    /// What to show a server that asks for a certificate, PEM; nil for nothing. Never written to disk.
    public let identity: (certificate: String, key: String)?

    public init(
      host: String,
      port: UInt16,
      serverName: String,
      authorities: String,
      identity: (certificate: String, key: String)? = nil
    ) {
      self.host = host
      self.port = port
      self.serverName = serverName
      self.authorities = authorities
      self.identity = identity
    }
  }

  private let transport = CurlTransport()

  public init() {}

  /// Gets a path and waits for the head of the answer; its body is not read.
  /// - Parameters:
  ///   - path: as `/`.
  ///   - timeout: for the connection, and again for the head.
  /// - Returns: the status code.
  /// - Throws: `TransportError`, or `CancellationError`.
  public func status(of path: String, at peer: Peer, timeout: Duration = .seconds(5)) async throws -> Int {
    let address = peer.host.contains(":") ? "[\(peer.host)]" : peer.host
    let name = peer.serverName.contains(":") ? "[\(peer.serverName)]" : peer.serverName
    let request = TransportRequest(
      method: "GET",
      url: "https://\(name):\(peer.port)\(path)",
      connectTo: "\(name):\(peer.port):\(address):\(peer.port)",
      delivery: .streamed(highWater: 64 << 10, over: .own),
      tls: TransportRequest.TLS(
        authorities: Array(peer.authorities.utf8),
        clientCertificate: peer.identity.map { Array($0.certificate.utf8) },
        clientKey: peer.identity.map { Array($0.key.utf8) }
      ),
      timeouts: TransportRequest.Timeouts(connect: timeout, head: timeout),
      summary: "GET \(path) of \(address):\(peer.port)"
    )
    return try await transport.open(request).head.status
  }
}
