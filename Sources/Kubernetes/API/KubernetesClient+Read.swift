import JSON

extension KubernetesClient {
  /// How many bytes of a page are buffered for the reader.
  private static let pageHighWater = 256 << 10
  /// A page that arrives at fewer bytes per second counts as stalled.
  private static let slowestPage = 1024

  /// Reads one object.
  /// - Parameter namespace: nil for a cluster-scoped resource.
  public func get(_ resource: Resource, namespace: String?, name: String) async throws -> KubernetesObject {
    KubernetesObject(try await json(Call(path: resource.path(namespace: namespace, name: name))))
  }

  /// Reads a whole list.
  ///
  /// If the snapshot expires between two pages (410), the list starts over, once.
  /// - Parameters: see ``objects(_:namespace:labelSelector:fieldSelector:limit:metadataOnly:resourceVersion:)``.
  public func list(
    _ resource: Resource,
    namespace: String?,
    labelSelector: String? = nil,
    fieldSelector: String? = nil,
    limit: Int = 500,
    metadataOnly: Bool = false
  ) async throws -> ObjectList {
    let objects = objects(
      resource,
      namespace: namespace,
      labelSelector: labelSelector,
      fieldSelector: fieldSelector,
      limit: limit,
      metadataOnly: metadataOnly
    )
    do {
      return try await gather(objects)
    } catch KubernetesError.api(let status) where status.isGone {
      return try await gather(objects)
    }
  }

  /// Reads a list object by object, so that it need not fit in memory.
  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - labelSelector: for example `app=milvus,tier in (a,b)`; nil for all.
  ///   - fieldSelector: for example `metadata.name=x`; nil for all.
  ///   - limit: objects per page. A server that answers from its cache may send more.
  ///   - metadataOnly: whether to request only `apiVersion`, `kind` and `metadata` of the objects.
  ///   - resourceVersion: nil for the newest state, a quorum read of etcd; `0` for the server's cache, which is cheap
  ///     but may be older than a state that the client has already seen.
  public func objects(
    _ resource: Resource,
    namespace: String?,
    labelSelector: String? = nil,
    fieldSelector: String? = nil,
    limit: Int = 500,
    metadataOnly: Bool = false,
    resourceVersion: String? = nil
  ) -> ListStream {
    let request = ListRequest(
      resource: resource,
      namespace: namespace,
      labelSelector: labelSelector,
      fieldSelector: fieldSelector,
      limit: limit,
      metadataOnly: metadataOnly,
      resourceVersion: resourceVersion
    )
    return ListStream(client: self, request: request)
  }

  /// The current resourceVersion of a collection. It is older than one that the client has seen only if etcd was
  /// restored from a backup.
  ///
  /// A list of one object's metadata is the cheapest request that the server answers from etcd's newest state.
  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - fieldSelector: for a client that may list nothing but the object that it names.
  public func currentVersion(
    of resource: Resource,
    namespace: String?,
    fieldSelector: String? = nil
  ) async throws -> String {
    var page = try await page(
      ListRequest(
        resource: resource,
        namespace: namespace,
        fieldSelector: fieldSelector,
        limit: 1,
        metadataOnly: true
      )
    )
    while try await page.next() != nil {}
    return try page.end().resourceVersion
  }

  /// The server's version (`GET /version`).
  public func version() async throws -> JSONValue {
    try await json(Call(path: "/version"))
  }

  func page(_ request: ListRequest) async throws -> PageReader {
    var call = Call(path: request.resource.path(namespace: request.namespace))
    call.query = Self.selectors(label: request.labelSelector, field: request.fieldSelector)
    call.query.append(("limit", String(request.limit)))
    if let version = request.resourceVersion { call.query.append(("resourceVersion", version)) }
    if let token = request.continueToken { call.query.append(("continue", token)) }
    if request.metadataOnly { call.accept = Self.metadataOf("PartialObjectMetadataList") }
    call.acceptsCompression = true
    let delivery = TransportRequest.Delivery.streamed(highWater: Self.pageHighWater, over: .shared)
    // No limit on the whole transfer: its duration also depends on the reader.
    let body = try await stream(call, delivery: delivery) { limits in
      limits.head = requestTimeout
      limits.stall = requestTimeout
      limits.slowest = Self.slowestPage
    }
    return PageReader(body: body, resource: request.resource, request: call.summary)
  }

  /// Media type that requests only metadata. A server that does not support it sends whole objects.
  ///
  /// https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
  static func metadataOf(_ kind: String) -> String {
    "application/json;as=\(kind);g=meta.k8s.io;v=v1,application/json"
  }

  private func gather(_ objects: ListStream) async throws -> ObjectList {
    var whole = ObjectList(items: [], resourceVersion: "")
    for try await event in objects {
      switch event {
      case .object(let object): whole.items.append(object)
      case .complete(let version): whole.resourceVersion = version
      }
    }
    return whole
  }
}
