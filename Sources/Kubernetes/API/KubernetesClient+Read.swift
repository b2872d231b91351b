import JSON

extension KubernetesClient {
  /// Reads one object.
  /// - Parameter namespace: nil for a resource of the cluster.
  public func get(_ resource: Resource, namespace: String?, name: String) async throws -> KubernetesObject {
    KubernetesObject(try await json(Call(path: resource.path(namespace: namespace, name: name))))
  }

  /// Reads a list whole.
  ///
  /// When the server forgets the moment between two pages (410), the list begins anew, once.
  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - labelSelector: as `app=milvus,tier in (a,b)`; nil for all.
  ///   - fieldSelector: as `metadata.name=x`; nil for all.
  ///   - limit: objects a page.
  public func list(
    _ resource: Resource,
    namespace: String?,
    labelSelector: String? = nil,
    fieldSelector: String? = nil,
    limit: Int = 500
  ) async throws -> ObjectList {
    let pages = pages(
      resource,
      namespace: namespace,
      labelSelector: labelSelector,
      fieldSelector: fieldSelector,
      limit: limit
    )
    do {
      return try await gather(pages)
    } catch KubernetesError.api(let status) where status.isGone {
      return try await gather(pages)
    }
  }

  /// A list page by page, so that a reader need not hold all of it.
  /// - Parameters: as of ``list(_:namespace:labelSelector:fieldSelector:limit:)``.
  public func pages(
    _ resource: Resource,
    namespace: String?,
    labelSelector: String? = nil,
    fieldSelector: String? = nil,
    limit: Int = 500
  ) -> ListPages {
    let request = ListRequest(
      resource: resource,
      namespace: namespace,
      labelSelector: labelSelector,
      fieldSelector: fieldSelector,
      limit: limit
    )
    return ListPages(client: self, request: request)
  }

  /// The server's version (`GET /version`).
  public func version() async throws -> JSONValue {
    try await json(Call(path: "/version"))
  }

  func page(_ request: ListRequest) async throws -> ListPage {
    var call = Call(path: request.resource.path(namespace: request.namespace))
    call.query = Self.selectors(label: request.labelSelector, field: request.fieldSelector)
    call.query.append(("limit", String(request.limit)))
    if let token = request.continueToken { call.query.append(("continue", token)) }
    guard let page = ListPage(try await json(call), resource: request.resource) else {
      throw KubernetesError.decoding(request: "GET \(call.path)", reason: "a list without items or resourceVersion")
    }
    return page
  }

  static func selectors(label: String?, field: String?) -> [(name: String, value: String)] {
    var query: [(name: String, value: String)] = []
    if let label { query.append(("labelSelector", label)) }
    if let field { query.append(("fieldSelector", field)) }
    return query
  }

  private func gather(_ pages: ListPages) async throws -> ObjectList {
    var whole = ObjectList(items: [], resourceVersion: "")
    for try await page in pages {
      whole.items += page.items
      whole.resourceVersion = page.resourceVersion
    }
    return whole
  }
}
