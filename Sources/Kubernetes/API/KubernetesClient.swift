import Foundation
import Logging
import Metrics

/// Requests to one cluster.
///
/// All methods throw `KubernetesError`, or `CancellationError` as soon as their task is cancelled. Reads and writes have
/// `requestTimeout` from start to end, tries included (docs/kubernetes-client.md says what is tried again). Cheap to share, and one is enough:
/// requests share a connection. It closes its connections when the last reference, those of open streams included, is gone.
public final class KubernetesClient: Sendable {
  /// Throws where a write must not go out.
  public typealias WritePermit = @Sendable () throws -> Void

  public let configuration: ClusterConfiguration
  /// The name that the server records as the manager of the fields this client writes.
  public let fieldManager: String
  let userAgent: String
  let requestTimeout: Duration
  let logger: Logger
  let transport: CurlTransport
  let metrics: RequestMetrics
  let permit: WritePermit?
  let serverClock: ServerClock

  /// The server's time, as its last answer told it; nil where none told any.
  public var serverTime: Date? { serverClock.now }

  /// - Parameters:
  ///   - userAgent: sent with each request; servers log it.
  ///   - fieldManager: sent with each write.
  ///   - requestTimeout: for a whole read or write, for the start of a stream, and for silence inside a list.
  ///   - logger: gets each request at the level `debug`, without its content.
  ///   - metrics: gets `rest_client_requests_total{code,method,host}` and `rest_client_request_duration_seconds{verb,host}`, for each
  ///     try; of a stream, until its head has come. The code of a try without an answer is `<error>`, as in client-go.
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

  /// A client on the same connection whose every write asks for permission first.
  /// - Parameter permit: called twice for each try of a write: at its start, so that nothing is sent without permission, and, on the
  ///   transport's thread, right before its body goes into an established connection, for which it may have waited. It must
  ///   not block. What it throws, the write throws, and nothing is written then.
  public func fenced(by permit: @escaping WritePermit) -> KubernetesClient {
    KubernetesClient(
      configuration: configuration,
      userAgent: userAgent,
      fieldManager: fieldManager,
      requestTimeout: requestTimeout,
      logger: logger,
      transport: transport,
      metrics: metrics,
      permit: permit,
      serverClock: serverClock
    )
  }
}
