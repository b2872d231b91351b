import Synchronization

/// Request verbs of Kubernetes' authorization
/// (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb).
public enum Verb: String, Sendable, CaseIterable {
  case get, list, watch, create, update, patch, delete

  /// Whether it changes something.
  public var isWrite: Bool {
    switch self {
    case .get, .list, .watch: false
    case .create, .update, .patch, .delete: true
    }
  }
}

/// One answered request for objects. A watch is logged when its stream opens.
public struct LoggedRequest: Sendable, Equatable {
  public let verb: Verb
  /// Plural name: `secrets`.
  public let resource: String
  public let subresource: String?
  public let namespace: String?
  public let name: String?
  /// Objects per page of a list; nil for all.
  public let limit: Int?
  /// HTTP status code of the response.
  public let code: Int
}

/// The requests for objects, in the order of their responses.
public struct RequestLog: Sendable {
  public fileprivate(set) var entries: [LoggedRequest] = []

  /// Requests that change something.
  public var writes: [LoggedRequest] { entries.filter(\.verb.isWrite) }

  /// Number of requests with a verb and a resource; nil matches any.
  public func count(_ verb: Verb? = nil, _ resource: String? = nil) -> Int {
    entries.count { (verb == nil || $0.verb == verb) && (resource == nil || $0.resource == resource) }
  }
}

/// The log that the server writes to.
final class RequestRecorder: Sendable {
  private let log = Mutex(RequestLog())

  var snapshot: RequestLog { log.withLock { $0 } }

  func record(_ request: LoggedRequest) {
    log.withLock { $0.entries.append(request) }
  }

  func reset() {
    log.withLock { $0 = RequestLog() }
  }
}
