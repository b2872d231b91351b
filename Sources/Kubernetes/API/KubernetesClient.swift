import Foundation
import Logging
import Metrics

/// Client of the Kubernetes API of one cluster.
///
/// All methods throw `KubernetesError`, or `CancellationError` as soon as their task is cancelled. `requestTimeout`
/// limits a read or write as a whole, retries included; docs/kubernetes-client.md lists what is retried.
///
/// One client is enough: it is cheap to share, and its requests share a connection. It closes its connections when the
/// last reference to it, including those of open streams, is gone.
public final class KubernetesClient: Sendable {
  /// Throws if a write must not be sent.
  public typealias WritePermit = @Sendable () throws -> Void

  public let configuration: ClusterConfiguration
  /// Field manager that the server records for this client's writes.
  public let fieldManager: String
  let userAgent: String
  let requestTimeout: Duration
  let logger: Logger
  let transport: CurlTransport
  let metrics: RequestMetrics
  let permit: WritePermit?
  let serverClock: ServerClock

  /// The server's time according to its last answer; nil if no answer had a `Date` header.
  public var serverTime: Date? { serverClock.now }

  /// - Parameters:
  ///   - userAgent: sent with each request, for the server's logs.
  ///   - fieldManager: sent with each write.
  ///   - requestTimeout: limit of a whole read or write, of the start of a stream, and of silence within a list.
  ///   - logger: logs each request at level `debug`, without its content.
  ///   - metrics: records `rest_client_requests_total{code,method,host}` and
  ///     `rest_client_request_duration_seconds{verb,host}` for each attempt; of a stream, until the response head
  ///     arrives. The code of an attempt without an answer is `<error>`, as in client-go.
  public convenience init(
    configuration: ClusterConfiguration,
    userAgent: String = "milvus-tls-operator",
    fieldManager: String = "milvus-tls-operator",
    requestTimeout: Duration = .seconds(30),
    logger: Logger = Logger(label: "kubernetes.client"),
    metrics: any MetricsFactory = MetricsSystem.factory
  ) {
    self.init(
      configuration: configuration,
      userAgent: userAgent,
      fieldManager: fieldManager,
      requestTimeout: requestTimeout,
      logger: logger,
      transport: CurlTransport(),
      metrics: RequestMetrics(host: configuration.address.authority, factory: metrics),
      permit: nil,
      serverClock: ServerClock()
    )
  }

  init(
    configuration: ClusterConfiguration,
    userAgent: String,
    fieldManager: String,
    requestTimeout: Duration,
    logger: Logger,
    transport: CurlTransport,
    metrics: RequestMetrics,
    permit: WritePermit?,
    serverClock: ServerClock
  ) {
    self.configuration = configuration
    self.userAgent = userAgent
    self.fieldManager = fieldManager
    self.requestTimeout = requestTimeout
    self.logger = logger
    self.transport = transport
    self.metrics = metrics
    self.permit = permit
    self.serverClock = serverClock
  }

  /// A client on the same connection that checks a permit before every write, after the permit of this client.
  /// - Parameter permit: called twice for each attempt of a write: before anything is sent, and on the transport's
  ///   thread right before its body is sent on an established connection, because it may have waited for one. It
  ///   must not block. If it throws, the write throws the same error and nothing is written.
  public func fenced(by permit: @escaping WritePermit) -> KubernetesClient {
    let outer = self.permit
    return KubernetesClient(
      configuration: configuration,
      userAgent: userAgent,
      fieldManager: fieldManager,
      requestTimeout: requestTimeout,
      logger: logger,
      transport: transport,
      metrics: metrics,
      permit: {
        try outer?()
        try permit()
      },
      serverClock: serverClock
    )
  }
}
