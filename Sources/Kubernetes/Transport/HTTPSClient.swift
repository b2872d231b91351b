/// HTTPS over libcurl for servers other than the Kubernetes API, for example a pod's. Each request has its own
/// connection.
public final class HTTPSClient: Sendable {
  /// Address and credentials of a server.
  public struct Peer: Sendable {
    /// Host to connect to: an IP address or a name.
    public let host: String
    /// Port to connect to.
    public let port: UInt16
    /// Name to verify in the server's certificate.
    public let serverName: String
    /// CA certificates that the server's certificate must chain to, PEM.
    public let authorities: String
    /// Client certificate and key, PEM, for a server that requests one; nil for none. Never written to disk.
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

  /// Sends a GET request and waits for the response head. The body is not read.
  /// - Parameters:
  ///   - path: for example `/`.
  ///   - timeout: limit for the connection, and again for the response head.
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
