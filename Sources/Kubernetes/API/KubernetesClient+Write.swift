import JSON

extension KubernetesClient {
  /// Creates an object and returns it as stored by the server.
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

  /// Replaces an object. If its `resourceVersion` is set and is not the current one, the server answers `Conflict`.
  /// - Parameter subresource: for example `status`.
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

  /// Changes an object by a JSON merge patch (RFC 7396). A `metadata.resourceVersion` in the patch works as in an
  /// update.
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
  /// - Parameter operations: objects with `op`, `path` and `value`. If a `test` fails, the server answers `Invalid`
  ///   (422).
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

  /// Applies an object (server-side apply): creates it, or takes ownership of the fields it contains and gives up those
  /// it no longer contains.
  ///
  /// https://kubernetes.io/docs/reference/using-api/server-side-apply/
  /// - Parameters:
  ///   - fieldManager: owner of the fields; nil for the client's.
  ///   - force: whether to take over fields from other managers. Otherwise the server answers `Conflict` with a cause
  ///     for each field.
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

  /// Deletes an object. The garbage collector deletes its dependents in the background.
  /// - Parameters:
  ///   - uid: delete only the object with this UID, not a later one of the same name. Otherwise the server answers
  ///     `Conflict`.
  ///   - resourceVersion: delete only if the object is unchanged since this version.
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
