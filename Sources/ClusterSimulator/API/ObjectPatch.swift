import JSON

/// The body of a PATCH, by its content type
/// (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply).
enum ObjectPatch: Sendable {
  case merge(JSONValue)
  case json(JSONPatch)
  case apply(JSONValue, manager: String, force: Bool)

  /// - Throws: `ServerStatus` for a type that the resource does not support, or an unreadable body.
  init(_ call: APICall) throws {
    switch call.contentType {
    case "application/merge-patch+json": self = .merge(try call.document())
    case "application/json-patch+json": self = .json(try JSONPatch(try call.document()))
    case "application/strategic-merge-patch+json" where call.type.schema == nil:
      // Lists are replaced as a whole; the real server does that only for lists without a merge key.
      self = .merge(try call.document().withoutDirectives)
    case "application/apply-patch+yaml":
      guard let manager = call.query["fieldManager"] else { throw ServerStatus.managerRequired }
      self = .apply(try call.applyConfiguration(), manager: manager, force: call.query.flag("force"))
    default: throw ServerStatus.unsupportedPatch
    }
  }

  func applied(to object: JSONValue) throws -> JSONValue {
    switch self {
    case .merge(let patch): object.merging(patch)
    case .json(let patch): try patch.applied(to: object)
    case .apply(let configuration, _, _): object.merging(configuration)
    }
  }
}

extension APICall {
  /// JSON is valid YAML, whatever the content type is.
  fileprivate func applyConfiguration() throws -> JSONValue {
    var configuration = try object()
    if configuration.name.isEmpty, let name = path.name { configuration.setMetadata("name", .string(name)) }
    return configuration
  }
}

extension JSONValue {
  /// Without `$patch`, `$setElementOrder/...` and similar directives of a strategic merge patch.
  fileprivate var withoutDirectives: JSONValue {
    guard let object else { return self }
    return .object(object.filter { !$0.key.hasPrefix("$") }.mapValues { $0.withoutDirectives })
  }
}

extension ServerStatus {
  fileprivate static let managerRequired = ServerStatus(
    code: 422,
    reason: "Invalid",
    message: "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
    details: [
      "group": "meta.k8s.io", "kind": "PatchOptions",
      "causes": [
        [
          "reason": "FieldValueRequired", "message": "Required value: is required for apply patch",
          "field": "fieldManager",
        ]
      ],
    ]
  )

  fileprivate static let unsupportedPatch = ServerStatus(
    code: 415,
    reason: "UnsupportedMediaType",
    message:
      "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
      + "application/merge-patch+json, application/apply-patch+yaml"
  )
}
