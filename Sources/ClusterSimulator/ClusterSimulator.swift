import FlyingFox
import FlyingSocks
import Logging
import YAML

import enum JSON.JSONValue  // FlyingFox has a type of the same name.

/// A Kubernetes cluster in this process: an API server on the loopback interface, pod logs, and a stand-in for
/// milvus-operator.
///
/// It behaves like kube-apiserver 1.20 for clients: resource versions, conflicts, `Status` bodies, watches, patches,
/// custom resource definitions. It has no authorization, no scheduling and no containers, and only the pods of Milvus
/// have TLS.
public final class ClusterSimulator: Sendable {
  public struct Options: Sendable {
    /// How long a Milvus pod takes to become ready; nil: no stand-in for milvus-operator.
    public var milvusStartDelay: Duration?
    /// Whether each Milvus pod has its own address in 127.0.0.0/8 (`status.podIP`) and listens there on Milvus's ports,
    /// with the configured TLS. Uses up to ten file descriptors per pod.
    public var podsListen: Bool
    /// Interval between bookmarks of a watch that requested them.
    public var bookmarkInterval: Duration
    /// Number of changes kept for watches and pages; older ones are `410 Expired`.
    public var historyLimit: Int
    public var logger: Logger

    public init(
      milvusStartDelay: Duration? = .milliseconds(20),
      podsListen: Bool = false,
      bookmarkInterval: Duration = .seconds(60),
      historyLimit: Int = 10_000,
      logger: Logger = Logger(label: "cluster-simulator") { _ in SwiftLogNoOpLogHandler() }
    ) {
      self.milvusStartDelay = milvusStartDelay
      self.podsListen = podsListen
      self.bookmarkInterval = bookmarkInterval
      self.historyLimit = historyLimit
      self.logger = logger
    }
  }

  /// URL of the API server: `http://127.0.0.1:<port>`.
  public let url: String
  /// All objects. Watches report writes to it like any other.
  public let store: ClusterStore
  public let logs: PodLogs
  /// Failures on demand.
  public let faults: Faults
  private let recorder: RequestRecorder
  private let server: HTTPServer
  private let serving: Task<Void, any Error>
  private let milvusOperator: MilvusOperatorStandIn?

  /// Starts a cluster with the namespaces `default` and `kube-system` and the CRDs of Milvus and MilvusTLS.
  /// - Throws: if no port is available.
  public static func start(_ options: Options = Options()) async throws -> ClusterSimulator {
    let store = ClusterStore(historyLimit: options.historyLimit)
    for name in ["default", "kube-system"] {
      try await store.create(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
    }
    for definition in [PackageResources.milvustls_crd_yaml, PackageResources.milvus_crd_yaml] {
      try await store.create(YAML.parse(String(decoding: definition, as: UTF8.self)))
    }
    return try await ClusterSimulator(store: store, options: options)
  }

  private init(store: ClusterStore, options: Options) async throws {
    let logs = PodLogs()
    self.store = store
    self.logs = logs
    faults = Faults()
    recorder = RequestRecorder()
    let handler = APIServer(
      store: store,
      logs: logs,
      faults: faults,
      recorder: recorder,
      bookmarkInterval: options.bookmarkInterval,
      logger: options.logger
    )
    // The timeout is for a handler that hangs; faults may delay a response for long.
    let server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: 0),
      timeout: 600,
      pool: UndelayedSocketPool(),
      logger: .disabled,
      handler: handler
    )
    self.server = server
    serving = Task { try await server.run() }
    try await server.waitUntilListening()
    guard case .ip4(let address, let port) = await server.listeningAddress else { throw SocketError.unsupportedAddress }
    url = "http://\(address):\(port)"
    milvusOperator = options.milvusStartDelay.map { delay in
      MilvusOperatorStandIn(
        store: store,
        logs: logs,
        startDelay: delay,
        podsListen: options.podsListen,
        logger: options.logger
      )
    }
    await milvusOperator?.start()
  }

  /// Stops the server, its connections and the stand-in.
  public func stop() async {
    await milvusOperator?.stop()
    await server.stop()
    serving.cancel()
    _ = await serving.result
  }

  /// Creates or replaces the objects in a YAML text.
  /// - Throws: `YAMLError`, or `ServerStatus` as the server would answer.
  public func apply(yaml: String) async throws {
    for document in try YAML.parseAll(yaml) where !document.isNull {
      try await store.createOrReplace(document)
    }
  }

  /// The requests since the start or the last `resetRequests()`.
  public var requests: RequestLog { recorder.snapshot }

  /// Clears the log of requests.
  public func resetRequests() {
    recorder.reset()
  }

  /// Ends the open watches of a resource, or of all.
  /// - Parameter abruptly: whether to break the connection instead of ending the response.
  public func cutWatches(of resource: ResourceIdentifier? = nil, abruptly: Bool = false) async {
    await store.cutWatches(of: resource, abruptly: abruptly)
  }
}

extension ClusterStore {
  fileprivate func createOrReplace(_ object: JSONValue) throws {
    guard let type = type(of: object) else {
      try create(object)
      return
    }
    let key = type.key(namespace: object.namespace.isEmpty ? "default" : object.namespace, name: object.name)
    guard self.object(key) != nil else {
      try create(object)
      return
    }
    try update(key) { current in
      var replacement = object
      replacement.setMetadata("resourceVersion", current["metadata"]?["resourceVersion"])
      current = replacement
    }
  }
}
