/// One HTTP request with all that the transport must know to carry it.
struct TransportRequest: Sendable {
  /// How the response body reaches its reader.
  enum Delivery: Sendable, Equatable {
    /// Whole, over the shared HTTP/2 connection; a body of more than `limit` bytes is an error.
    case whole(limit: Int)
    /// In pieces; the transfer is held back once `highWater` bytes wait for the reader.
    case streamed(highWater: Int, over: Connection)

    var isShared: Bool {
      if case .streamed(_, over: .own) = self { false } else { true }
    }
  }

  /// docs/decisions/streams-over-libcurl.md says which is for what.
  enum Connection: Sendable, Equatable {
    /// One stream of many on an HTTP/2 connection.
    case shared
    /// An HTTP/1.1 connection of its own, where TCP holds the server back.
    case own
  }

  /// The certificates of a connection, PEM; never on disk.
  struct TLS: Sendable, Equatable {
    /// What the server's certificate must chain to; nil for the system's authorities.
    var authorities: [UInt8]?
    var clientCertificate: [UInt8]?
    var clientKey: [UInt8]?
    var isVerified = true
  }

  struct Timeouts: Sendable, Equatable {
    /// Name resolution, TCP and TLS.
    var connect: Duration = .seconds(10)
    /// The whole exchange, to the last byte; nil for none.
    var total: Duration?
    /// Until the response's head has come; nil for none.
    var head: Duration?
    /// With fewer bytes a second than `slowest` on the average; nil where silence is normal.
    var stall: Duration?
    var slowest = 1
  }

  var method: String
  /// `http` or `https`.
  var url: String
  /// What to connect to where the URL's host is another, as `HOST:PORT:CONNECT-HOST:CONNECT-PORT`.
  var connectTo: String?
  var proxy: ProxyAddress?
  /// What to ask for, in the same way, to see whether a silent connection lives; any answer says that it does.
  /// Nil where nobody looks: the connection is not shared, or, without TLS, no HTTP/2.
  var livenessURL: String?
  var headers: [(name: String, value: String)] = []
  var body: [UInt8]?
  /// Asked on the transport's thread right before the body goes into an established connection; what it throws ends the exchange.
  var permit: (@Sendable () throws -> Void)?
  var delivery: Delivery
  var acceptsCompression = false
  var tls = TLS()
  var timeouts = Timeouts()
  /// What messages call this request, such as `GET /api/v1/pods`; never a secret.
  var summary: String
}
