extension KubernetesClient {
  /// How much later than asked for a server may end a watch.
  private static let watchSlack = Duration.seconds(30)
  private static let watchHighWater = 1 << 20
  private static let logHighWater = 256 << 10

  /// Watches a resource for changes after a resourceVersion.
  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - resourceVersion: of a list, an event or a bookmark; one too old is answered with an `APIStatus` whose `isGone` is true.
  ///   - metadataOnly: ask for `apiVersion`, `kind` and `metadata` of the objects alone.
  ///   - timeout: after which the server ends the watch, in whole seconds; the connection is given up half a minute later.
  ///   - lineLimit: the most bytes of one event.
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

  /// Reads a container's log as it is written.
  /// - Parameters:
  ///   - follow: go on with what is written later, until the container ends.
  ///   - previous: of the container's run before its last restart.
  ///   - tailLines: how many lines from the log's end to begin with; nil for all.
  ///   - limitBytes: the most bytes the server sends, of the first; nil for all.
  /// - Returns: the raw bytes; a chunk ends anywhere, in a character too.
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
      // A quiet container's log says nothing when it is followed, not even a response's head.
      if !follow { limits.stall = requestTimeout }
    }
  }
}
