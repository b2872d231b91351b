extension KubernetesClient {
  /// How long after the requested timeout a server may take to end a watch.
  private static let watchSlack = Duration.seconds(30)
  private static let watchHighWater = 1 << 20
  private static let logHighWater = 256 << 10

  /// Watches a resource for changes after a resourceVersion.
  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - resourceVersion: from a list, an event or a bookmark. If it is too old, the server answers with an `APIStatus`
  ///     whose `isGone` is true.
  ///   - metadataOnly: whether to request only `apiVersion`, `kind` and `metadata` of the objects.
  ///   - timeout: when the server ends the watch, in whole seconds. The client closes the connection half a minute
  ///     later.
  ///   - lineLimit: maximum size of one event in bytes.
  public func watch(
    _ resource: Resource,
    namespace: String?,
    resourceVersion: String,
    labelSelector: String? = nil,
    fieldSelector: String? = nil,
    metadataOnly: Bool = false,
    timeout: Duration = .seconds(300),
    lineLimit: Int = 16 << 20
  ) async throws -> WatchStream {
    var call = Call(path: resource.path(namespace: namespace))
    call.query = Self.selectors(label: labelSelector, field: fieldSelector)
    call.query += [
      ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion),
      ("timeoutSeconds", String(max(1, timeout.components.seconds))),
    ]
    if metadataOnly { call.accept = Self.metadataOf("PartialObjectMetadata") }
    let body = try await stream(call, delivery: .streamed(highWater: Self.watchHighWater, over: .shared)) { limits in
      limits.head = requestTimeout
      limits.total = timeout + Self.watchSlack
    }
    return WatchStream(
      body: body,
      request: "WATCH \(call.path)",
      resource: metadataOnly ? resource : nil,
      lineLimit: lineLimit
    )
  }

  /// Streams a container's log.
  /// - Parameters:
  ///   - follow: continue with new output until the container ends.
  ///   - previous: read the log of the container's run before its last restart.
  ///   - tailLines: number of lines from the end of the log to start with; nil for all.
  ///   - limitBytes: maximum number of bytes that the server sends, from the start; nil for no limit.
  /// - Returns: the raw bytes. A chunk can end anywhere, even inside a character.
  public func logs(
    namespace: String,
    pod: String,
    container: String,
    follow: Bool,
    previous: Bool = false,
    tailLines: Int? = nil,
    limitBytes: Int? = nil
  ) async throws -> ResponseBody {
    var call = Call(path: Resource.pods.path(namespace: namespace, name: pod, subresource: "log"))
    call.query = [("container", container)]
    if follow { call.query.append(("follow", "true")) }
    if previous { call.query.append(("previous", "true")) }
    if let tailLines { call.query.append(("tailLines", String(tailLines))) }
    if let limitBytes { call.query.append(("limitBytes", String(limitBytes))) }
    return try await stream(call, delivery: .streamed(highWater: Self.logHighWater, over: .own)) { limits in
      // While a followed container prints nothing, the server may not even send the response head.
      if !follow { limits.stall = requestTimeout }
    }
  }
}
