import JSON

/// A failed request as the server reports it: `meta/v1` `Status`.
///
/// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
public struct APIStatus: Error, Sendable, Equatable {
  /// One of several problems with an object, mostly a rejected field.
  public struct Cause: Sendable, Equatable {
    /// Path of the field, for example `spec.duration`; empty if the cause is not about a field.
    public let field: String
    /// Machine-readable reason, for example `FieldValueInvalid`.
    public let reason: String
    public let message: String
  }

  /// The HTTP status code.
  public let code: Int
  /// Machine-readable reason: `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Expired`, `TooManyRequests`, ...
  public let reason: String
  public let message: String
  /// Problems with individual fields; empty for most errors.
  public let causes: [Cause]
  /// How long the server asks to wait before the next try.
  public let retryAfter: Duration?
  /// Method and path of the request, for example `GET /api/v1/pods`.
  public let request: String

  /// The object or resource does not exist.
  public var isNotFound: Bool { code == 404 }
  /// The object changed since it was read, or a precondition does not hold.
  public var isConflict: Bool { code == 409 && reason != "AlreadyExists" }
  /// An object of this name already exists.
  public var isAlreadyExists: Bool { reason == "AlreadyExists" }
  /// The resourceVersion or continue token is too old: list again.
  public var isGone: Bool { code == 410 || reason == "Expired" }
}

extension APIStatus: CustomStringConvertible {
  public var description: String { "\(request): \(reason) (\(code)): \(message)" }
}

extension APIStatus {
  /// Reads a `Status` object. Missing members are taken from the HTTP response.
  init(_ status: JSONValue, code: Int, retryAfter: Duration? = nil, request: String) {
    self.code = status["code"]?.integer ?? code
    self.request = request
    reason = status["reason"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? Self.reason(code: self.code)
    message = status["message"]?.string ?? "no message"
    causes = (status[path: "details", "causes"]?.array ?? []).map { cause in
      Cause(
        field: cause["field"]?.string ?? "",
        reason: cause["reason"]?.string ?? "",
        message: cause["message"]?.string ?? ""
      )
    }
    let seconds = status[path: "details", "retryAfterSeconds"]?.integer
    self.retryAfter = retryAfter ?? seconds.flatMap { $0 > 0 ? .seconds($0) : nil }
  }

  /// Reads an error response. A body that is not a `Status`, for example from a proxy, is quoted in part.
  init(head: ResponseHead, body: [UInt8], request: String) {
    let retryAfter = head.fields["retry-after"].flatMap(Int.init).map { Duration.seconds(max(0, $0)) }
    let parsed = try? JSONValue(parsing: body)
    let status = parsed?["kind"] == "Status" ? parsed : nil
    self.init(
      status ?? ["message": .string(Self.excerpt(body))],
      code: head.status,
      retryAfter: retryAfter,
      request: request
    )
  }

  /// The `StatusReason` for codes that a proxy or an old server sends without one.
  private static func reason(code: Int) -> String {
    switch code {
    case 400: "BadRequest"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "NotFound"
    case 405: "MethodNotAllowed"
    case 409: "Conflict"
    case 410: "Gone"
    case 413: "RequestEntityTooLarge"
    case 415: "UnsupportedMediaType"
    case 422: "Invalid"
    case 429: "TooManyRequests"
    case 500: "InternalError"
    case 503: "ServiceUnavailable"
    case 504: "Timeout"
    default: "Unknown"
    }
  }

  /// The start of a body, on one line.
  private static func excerpt(_ body: [UInt8]) -> String {
    let words = String(decoding: body.prefix(1024), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    let line = words.joined(separator: " ")
    if line.isEmpty { return "the response has no body" }
    return line.count > 256 ? line.prefix(256) + "..." : line
  }
}
