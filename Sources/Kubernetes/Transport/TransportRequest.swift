/// One HTTP request with everything the transport needs to send it.
struct TransportRequest: Sendable {
  /// How the response body reaches its reader.
  enum Delivery: Sendable, Equatable {
    /// Whole, over the shared HTTP/2 connection. A body of more than `limit` bytes is an error.
    case whole(limit: Int)
    /// In chunks. The transfer is paused once `highWater` bytes are buffered.
    case streamed(highWater: Int, over: Connection)

    var isShared: Bool {
      if case .streamed(_, over: .own) = self { false } else { true }
    }
  }

  /// docs/decisions/streams-over-libcurl.md says which requests use which connection.
  enum Connection: Sendable, Equatable {
    /// A stream on the shared HTTP/2 connection.
    case shared
    /// A separate HTTP/1.1 connection, where TCP flow control holds the server back.
    case own
  }

  /// The certificates of a connection, as PEM; never written to disk.
  struct TLS: Sendable, Equatable {
    /// CA certificates that the server's certificate must chain to; nil for the system's.
    var authorities: [UInt8]?
    var clientCertificate: [UInt8]?
    var clientKey: [UInt8]?
    var isVerified = true
  }

  struct Timeouts: Sendable, Equatable {
    /// Name resolution, TCP and TLS.
    var connect: Duration = .seconds(10)
    /// The whole exchange, to the last byte; nil for no limit.
    var total: Duration?
    /// Until the response head arrives; nil for no limit.
    var head: Duration?
    /// How long the average rate may stay below `slowest` bytes per second; nil if silence is normal.
    var stall: Duration?
    var slowest = 1
  }

  var method: String
  /// `http` or `https`.
  var url: String
  /// Host to connect to if it differs from the URL's host, as `HOST:PORT:CONNECT-HOST:CONNECT-PORT`.
  var connectTo: String?
  var proxy: ProxyAddress?
  /// URL that a liveness probe gets over the same connection; any response proves that the connection works. Nil if the
  /// connection is not probed: it is not shared, or, without TLS, it is not HTTP/2.
  var livenessURL: String?
  var headers: [(name: String, value: String)] = []
  var body: [UInt8]?
  /// Called on the transport's thread right before the body is sent on an established connection. If it throws, the
  /// exchange ends with its error.
  var permit: (@Sendable () throws -> Void)?
  var delivery: Delivery
  var acceptsCompression = false
  var tls = TLS()
  var timeouts = Timeouts()
  /// Name of this request in messages, for example `GET /api/v1/pods`; contains no secret.
  var summary: String
}
