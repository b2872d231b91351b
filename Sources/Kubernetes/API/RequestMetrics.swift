import Metrics
import Synchronization

/// Request metrics of a client, with client-go's names.
///
/// https://kubernetes.io/docs/reference/instrumentation/metrics/
final class RequestMetrics: Sendable {
  private struct Key: Hashable {
    var code: String
    var method: String
  }

  private struct State {
    var requests: [Key: Counter] = [:]
    var durations: [String: Timer] = [:]
  }

  private let host: String
  private let factory: any MetricsFactory
  private let state = Mutex(State())

  init(host: String, factory: any MetricsFactory) {
    self.host = host
    self.factory = factory
  }

  /// Records one attempt.
  /// - Parameters:
  ///   - status: status code of the response; nil if there was none.
  ///   - start: when the request was handed to the transport.
  func record(method: String, status: Int?, since start: ContinuousClock.Instant) {
    let code = status.map(String.init) ?? "<error>"
    let (requests, duration) = state.withLock { state in
      (counter(Key(code: code, method: method), in: &state), timer(verb: method, in: &state))
    }
    requests.increment()
    duration.record(duration: .now - start)
  }

  private func counter(_ key: Key, in state: inout State) -> Counter {
    if let known = state.requests[key] { return known }
    let dimensions = [("code", key.code), ("method", key.method), ("host", host)]
    let new = Counter(label: "rest_client_requests_total", dimensions: dimensions, factory: factory)
    state.requests[key] = new
    return new
  }

  private func timer(verb: String, in state: inout State) -> Timer {
    if let known = state.durations[verb] { return known }
    let dimensions = [("verb", verb), ("host", host)]
    let new = Timer(label: "rest_client_request_duration_seconds", dimensions: dimensions, factory: factory)
    state.durations[verb] = new
    return new
  }
}
