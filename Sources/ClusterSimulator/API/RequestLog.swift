import Synchronization

/// What a request does, in the words of Kubernetes' authorization
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

/// One answered request for objects; of a watch it is noted when the stream is open.
public struct LoggedRequest: Sendable, Equatable {
  public let verb: Verb
  /// Plural name: `secrets`.
  public let resource: String
  public let subresource: String?
  public let namespace: String?
  public let name: String?
  /// HTTP status code of the answer.
  public let code: Int
}

/// The requests for objects, in the order in which they were answered.
public struct RequestLog: Sendable {
  public fileprivate(set) var entries: [LoggedRequest] = []

  /// Requests that change something.
  public var writes: [LoggedRequest] { entries.filter(\.verb.isWrite) }

  /// How many there were of a verb and a resource; nil stands for any.
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
