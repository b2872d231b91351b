import JSON

extension KubernetesClient {
  /// Creates an object and gives it back as the server keeps it.
  public func create(
    _ object: KubernetesObject,
    as resource: Resource,
    namespace: String?
  ) async throws -> KubernetesObject {
    try await write(
      "POST",
      path: resource.path(namespace: namespace),
      body: object.json,
      contentType: "application/json"
    )
  }

  /// Replaces an object; its `resourceVersion`, where set, must be the server's, or the server answers `Conflict`.
  /// - Parameter subresource: as `status`.
  public func update(
    _ object: KubernetesObject,
    as resource: Resource,
    namespace: String?,
    subresource: String? = nil
  ) async throws -> KubernetesObject {
    try await write(
      "PUT",
      path: resource.path(namespace: namespace, name: object.name, subresource: subresource),
      body: object.json,
      contentType: "application/json"
    )
  }

  /// Changes an object by a JSON merge patch (RFC 7396); a `metadata.resourceVersion` in it guards as in an update.
  public func mergePatch(
    _ resource: Resource,
    namespace: String?,
    name: String,
    patch: JSONValue,
    subresource: String? = nil
  ) async throws -> KubernetesObject {
    try await write(
      "PATCH",
      path: resource.path(namespace: namespace, name: name, subresource: subresource),
      body: patch,
      contentType: "application/merge-patch+json"
    )
  }

  /// Changes an object by a JSON patch (RFC 6902).
  /// - Parameter operations: objects of `op`, `path` and `value`; a `test` that fails is answered with `Invalid` (422).
  public func jsonPatch(
    _ resource: Resource,
    namespace: String?,
    name: String,
    operations: [JSONValue],
    subresource: String? = nil
  ) async throws -> KubernetesObject {
    try await write(
      "PATCH",
      path: resource.path(namespace: namespace, name: name, subresource: subresource),
      body: .array(operations),
      contentType: "application/json-patch+json"
    )
  }

  /// Applies an object on the server's side: creates it, or takes over the fields it holds and gives up those it no longer does.
  ///
  /// https://kubernetes.io/docs/reference/using-api/server-side-apply/
  /// - Parameters:
  ///   - fieldManager: who owns the fields; nil for the client's.
  ///   - force: take fields from other managers; else the server answers `Conflict`, with a cause for each.
  public func apply(
    _ resource: Resource,
    namespace: String?,
    name: String,
    object: JSONValue,
    fieldManager: String? = nil,
    force: Bool = false,
    subresource: String? = nil
  ) async throws -> KubernetesObject {
    try await write(
      "PATCH",
      path: resource.path(namespace: namespace, name: name, subresource: subresource),
      body: object,
      contentType: "application/apply-patch+yaml",
      fieldManager: fieldManager,
      query: [("force", force ? "true" : "false")]
    )
  }

  /// Deletes an object; its dependents follow in the background.
  /// - Parameters:
  ///   - uid: delete only this very object, not one that has its name now; else the server answers `Conflict`.
  ///   - resourceVersion: delete only while it is unchanged.
  public func delete(
    _ resource: Resource,
    namespace: String?,
    name: String,
    uid: String? = nil,
    resourceVersion: String? = nil
  ) async throws {
    var options: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"]
    var preconditions: [String: JSONValue] = [:]
    preconditions["uid"] = uid.map { .string($0) }
    preconditions["resourceVersion"] = resourceVersion.map { .string($0) }
    if !preconditions.isEmpty { options["preconditions"] = .object(preconditions) }
    _ = try await json(Call(method: "DELETE", path: resource.path(namespace: namespace, name: name), body: options))
  }

  private func write(
    _ method: String,
    path: String,
    body: JSONValue,
    contentType: String,
    fieldManager: String? = nil,
    query: [(name: String, value: String)] = []
  ) async throws -> KubernetesObject {
    var call = Call(method: method, path: path, contentType: contentType, body: body)
    call.query = [("fieldManager", fieldManager ?? self.fieldManager)] + query
    return KubernetesObject(try await json(call))
  }
}
