import JSON

/// An error response of the API server; its body is a `Status` (apimachinery, `metav1.Status`).
public struct ServerStatus: Error, Sendable, Equatable {
  /// HTTP status code.
  public var code: Int
  /// Machine-readable reason (`NotFound`, `Conflict`, ...); nil if the real server gives none.
  public var reason: String?
  public var message: String
  public var details: JSONValue?

  public init(code: Int, reason: String?, message: String, details: JSONValue? = nil) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
  }

  /// The `Status` document.
  var body: JSONValue {
    var body: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
      "code": .integer(code),
    ]
    body["reason"] = reason.map(JSONValue.string)
    body["details"] = details
    return body
  }

  /// Seconds for the `Retry-After` header.
  var retryAfter: Int? { details?["retryAfterSeconds"]?.integer }
}

// For faults on demand.
extension ServerStatus {
  /// A failure without special properties.
  public static func failure(code: Int, reason: String, message: String = "simulated failure") -> ServerStatus {
    ServerStatus(code: code, reason: reason, message: message)
  }

  /// A write based on an outdated resourceVersion.
  /// - Parameter resource: as in messages: `milvuses.milvus.io`.
  public static func conflict(resource: String, name: String) -> ServerStatus {
    let parts = resource.split(separator: ".", maxSplits: 1).map(String.init)
    let reason = "the object has been modified; please apply your changes to the latest version and try again"
    return ServerStatus(
      code: 409,
      reason: "Conflict",
      message: "Operation cannot be fulfilled on \(resource) \"\(name)\": \(reason)",
      details: details(name: name, group: parts.count > 1 ? parts[1] : "", kind: parts[0])
    )
  }

  /// Too many requests at once.
  /// - Parameter retryAfter: seconds to wait.
  public static func tooManyRequests(retryAfter: Int) -> ServerStatus {
    ServerStatus(
      code: 429,
      reason: "TooManyRequests",
      message: "the server has received too many requests and has asked us to try again later",
      details: ["retryAfterSeconds": .integer(retryAfter)]
    )
  }
}

// The messages and details below match those of kube-apiserver 1.20.2.
extension ServerStatus {
  static func notFound(_ type: ResourceType, _ name: String) -> ServerStatus {
    ServerStatus(
      code: 404,
      reason: "NotFound",
      message: "\(type.qualifiedName) \"\(name)\" not found",
      details: details(name: name, group: type.group, kind: type.plural)
    )
  }

  static func alreadyExists(_ type: ResourceType, _ name: String) -> ServerStatus {
    ServerStatus(
      code: 409,
      reason: "AlreadyExists",
      message: "\(type.qualifiedName) \"\(name)\" already exists",
      details: details(name: name, group: type.group, kind: type.plural)
    )
  }

  static func conflict(_ type: ResourceType, _ name: String) -> ServerStatus {
    conflict(resource: type.qualifiedName, name: name)
  }

  /// A deletion with a failed precondition; the real server names the kind, not the resource.
  static func preconditionFailed(_ type: ResourceType, _ name: String, _ reason: String) -> ServerStatus {
    ServerStatus(
      code: 409,
      reason: "Conflict",
      message: "Operation cannot be fulfilled on \(type.qualifiedKind) \"\(name)\": \(reason)",
      details: details(name: name, group: type.group, kind: type.kind)
    )
  }

  /// Fields that violate the schema or the rules for names.
  /// - Parameter kind: name of the object in the message: its kind or, for a missing resourceVersion, its resource.
  static func invalid(_ type: ResourceType, _ name: String, _ errors: [FieldError], kind: String? = nil) -> ServerStatus
  {
    let kind = kind ?? type.kind
    // For events.k8s.io the real server names the core kind.
    let group = type.storage.group
    let qualified = group.isEmpty ? kind : "\(kind).\(group)"
    let texts = errors.map { "\($0.field): \($0.message)" }
    let summary = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    var details = details(name: name, group: group, kind: kind)
    details["causes"] = .array(errors.map(\.cause))
    return ServerStatus(
      code: 422,
      reason: "Invalid",
      message: "\(qualified) \"\(name)\" is invalid: \(summary)",
      details: details
    )
  }

  /// A patch that cannot be applied, for example because of a failed `test` operation.
  static let unprocessable = ServerStatus(
    code: 422,
    reason: "Invalid",
    message: "the server rejected our request due to an error in our request",
    details: [:]
  )

  static func badRequest(_ message: String) -> ServerStatus {
    ServerStatus(code: 400, reason: "BadRequest", message: message)
  }

  static let methodNotAllowed = ServerStatus(
    code: 405,
    reason: "MethodNotAllowed",
    message: "the server does not allow this method on the requested resource",
    details: [:]
  )

  /// A watch from a version that is no longer in the history.
  static func expired(_ revision: Int, oldest: Int) -> ServerStatus {
    ServerStatus(code: 410, reason: "Expired", message: "too old resource version: \(revision) (\(oldest))")
  }

  /// The next page of a list whose first page is no longer in the history.
  static let expiredContinue = ServerStatus(
    code: 410,
    reason: "Expired",
    message:
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
      + "the continue parameter."
  )

  static func tooLarge(_ revision: Int, current: Int) -> ServerStatus {
    ServerStatus(
      code: 504,
      reason: "Timeout",
      message: "Timeout: Too large resource version: \(revision), current: \(current)",
      details: [
        "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
        "retryAfterSeconds": 1,
      ]
    )
  }

  private static func details(name: String, group: String, kind: String) -> JSONValue {
    var details: JSONValue = ["kind": .string(kind)]
    if !name.isEmpty { details["name"] = .string(name) }
    if !group.isEmpty { details["group"] = .string(group) }
    return details
  }
}

extension FieldOwnership.Conflicts {
  /// Response to a server-side apply that conflicts with other managers' fields.
  var status: ServerStatus {
    let all = fields.flatMap { owner, paths in paths.map { (owner, ".\($0.joined(separator: "."))") } }.sorted {
      $0.1 < $1.1
    }
    let causes = all.map { owner, field -> JSONValue in
      [
        "reason": "FieldManagerConflict", "message": .string("conflict with \"\(owner.manager)\""),
        "field": .string(field),
      ]
    }
    let what = all.count == 1 ? "1 conflict" : "\(all.count) conflicts"
    let managers = Dictionary(grouping: all, by: \.0.manager).sorted { $0.key < $1.key }
    let list = managers.map { manager, fields in
      fields.count == 1
        ? "conflict with \"\(manager)\": \(fields[0].1)"
        : "conflicts with \"\(manager)\":\n" + fields.map { "- \($0.1)" }.joined(separator: "\n")
    }
    return ServerStatus(
      code: 409,
      reason: "Conflict",
      message: "Apply failed with \(what): \(list.joined(separator: "\n"))",
      details: ["causes": .array(causes)]
    )
  }
}
