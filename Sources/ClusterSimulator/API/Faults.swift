import Foundation
import Synchronization

/// The requests to which a fault applies; nil matches any.
public struct RequestMatch: Sendable {
  public var verb: Verb?
  /// Plural name: `secrets`.
  public var resource: String?
  public var name: String?
  public var subresource: String?
  /// The label selector as sent; two watches of one resource may differ only in it.
  public var labelSelector: String?

  public init(
    _ verb: Verb? = nil,
    _ resource: String? = nil,
    name: String? = nil,
    subresource: String? = nil,
    labelSelector: String? = nil
  ) {
    self.verb = verb
    self.resource = resource
    self.name = name
    self.subresource = subresource
    self.labelSelector = labelSelector
  }

  func matches(_ request: RequestIdentity) -> Bool {
    (verb == nil || verb == request.verb) && (resource == nil || resource == request.path.plural)
      && (name == nil || name == request.path.name) && (subresource == nil || subresource == request.path.subresource)
      && (labelSelector == nil || labelSelector == request.labelSelector)
  }
}

/// Verb and object of a request.
struct RequestIdentity: Sendable {
  let verb: Verb
  let path: RequestTarget.ObjectPath
  let labelSelector: String?
  /// Objects per page of a list; nil for all.
  let limit: Int?
}

/// Failures on demand.
public final class Faults: Sendable {
  /// When a failing request fails.
  public enum Moment: Sendable {
    /// Before anything is done.
    case beforeWork
    /// After the work is done; the client does not learn about it.
    case afterWork
  }

  private struct Failure: Sendable {
    let match: RequestMatch
    var remaining: Int
    let status: ServerStatus
    let moment: Moment
  }

  private struct State: Sendable {
    var failures: [Failure] = []
    var delays: [(match: RequestMatch, delay: Duration)] = []
    var disturbances: [(match: RequestMatch, fault: AnswerFault, remaining: Int)] = []
    var metCount = 0
    var clockOffset: TimeInterval = 0
  }

  private let state = Mutex(State())

  /// Answers the next matching requests with a failure.
  /// - Parameter status: the response; `details.retryAfterSeconds` becomes a `Retry-After` header.
  public func failNext(
    _ count: Int = 1,
    _ match: RequestMatch,
    with status: ServerStatus,
    at moment: Moment = .beforeWork
  ) {
    state.withLock { $0.failures.append(Failure(match: match, remaining: count, status: status, moment: moment)) }
  }

  /// Delays every matching request from now on.
  public func delay(_ match: RequestMatch, by delay: Duration) {
    state.withLock { $0.delays.append((match, delay)) }
  }

  /// Disturbs the next successful responses of matching requests; for open and future watches, the next lines. Logs are
  /// not disturbed.
  /// - Parameter match: if several faults match a response, the first applies.
  public func disturb(_ match: RequestMatch, times: Int, by fault: AnswerFault) {
    state.withLock { $0.disturbances.append((match, fault, times)) }
  }

  /// How many seconds the server's clock, as reported in its responses, is ahead of this machine's.
  public var clockOffset: TimeInterval {
    get { state.withLock { $0.clockOffset } }
    set { state.withLock { $0.clockOffset = newValue } }
  }

  /// Number of requests and watch lines that met a fault so far.
  public var metCount: Int { state.withLock { $0.metCount } }

  /// Number of failures and disturbances that have not been met yet.
  public var remaining: Int {
    state.withLock { state in
      state.failures.reduce(0) { $0 + $1.remaining } + state.disturbances.reduce(0) { $0 + $1.remaining }
    }
  }

  /// Removes all faults.
  public func clear() {
    state.withLock { $0 = State() }
  }

  func delay(for request: RequestIdentity) -> Duration? {
    state.withLock { state in
      let delay = state.delays.filter { $0.match.matches(request) }.map(\.delay).max()
      if delay != nil { state.metCount += 1 }
      return delay
    }
  }

  /// The failure that this request meets; it is used up by the request.
  func failure(of request: RequestIdentity) -> (status: ServerStatus, moment: Moment)? {
    state.withLock { state in
      guard let index = state.failures.firstIndex(where: { $0.remaining > 0 && $0.match.matches(request) }) else {
        return nil
      }
      state.failures[index].remaining -= 1
      state.metCount += 1
      return (state.failures[index].status, state.failures[index].moment)
    }
  }

  /// The fault that a response or the next line of a watch meets; it is used up.
  func disturbance(of request: RequestIdentity) -> AnswerFault? {
    state.withLock { state in
      guard
        let index = state.disturbances.firstIndex(where: { $0.remaining > 0 && $0.match.matches(request) })
      else { return nil }
      state.disturbances[index].remaining -= 1
      state.metCount += 1
      return state.disturbances[index].fault
    }
  }
}
