import Foundation
import Synchronization

/// Which requests a fault is for; nil stands for any.
public struct RequestMatch: Sendable {
  public var verb: Verb?
  /// Plural name: `secrets`.
  public var resource: String?
  public var name: String?
  public var subresource: String?
  /// The label selector, as sent: two watches of one resource may differ in nothing else.
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
}

/// Failures on demand.
public final class Faults: Sendable {
  /// When a failing request fails.
  public enum Moment: Sendable {
    /// Nothing was done.
    case beforeWork
    /// The work was done, and the client does not get to know.
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
  /// - Parameter status: What they get; `details.retryAfterSeconds` becomes a `Retry-After` header.
  public func failNext(
    _ count: Int = 1,
    _ match: RequestMatch,
    with status: ServerStatus,
    at moment: Moment = .beforeWork
  ) {
    state.withLock { $0.failures.append(Failure(match: match, remaining: count, status: status, moment: moment)) }
  }

  /// Holds every matching request back for a while, from now on.
  public func delay(_ match: RequestMatch, by delay: Duration) {
    state.withLock { $0.delays.append((match, delay)) }
  }

  /// Disturbs the next answers of matching requests that succeed; of open and coming watches, the next lines. Logs come undisturbed.
  /// - Parameter match: of several faults for an answer the first counts.
  public func disturb(_ match: RequestMatch, times: Int, by fault: AnswerFault) {
    state.withLock { $0.disturbances.append((match, fault, times)) }
  }

  /// How far the server's clock, as its answers tell it, is ahead of this machine's, in seconds.
  public var clockOffset: TimeInterval {
    get { state.withLock { $0.clockOffset } }
    set { state.withLock { $0.clockOffset = newValue } }
  }

  /// How many requests, and lines of watches, met a fault so far.
  public var metCount: Int { state.withLock { $0.metCount } }

  /// Failures and disturbances that are still to be met.
  public var remaining: Int {
    state.withLock { state in
      state.failures.reduce(0) { $0 + $1.remaining } + state.disturbances.reduce(0) { $0 + $1.remaining }
    }
  }

  /// Takes all faults away.
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

  /// The failure that a request meets now, used up by one.
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

  /// The fault that an answer, or the next line of a watch, meets, used up by one.
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
