/// Which failed requests are sent again, and when.
///
/// | what happened | read | write |
/// | --- | --- | --- |
/// | 429 Too Many Requests | again | again: the server turned it away |
/// | 503 with Retry-After | again | again: the server turned it away |
/// | 500, 502, 503, 504 | again | an error: the server may have acted |
/// | no connection could be made | again | again: nothing was sent |
/// | the connection broke before the answer | again | an error: the server may have acted |
/// | 401 with a credential of an exec plugin | again, once, with a new one | again, once, with a new one |
/// | no answer in time, TLS refused, anything else | an error | an error |
///
/// Ten tries at most where the server sends Retry-After (as in client-go), four otherwise; the waits grow from 0.1 s, with full jitter, on top of
/// what Retry-After asks for. A wait that would pass the request's deadline is not begun: the error, which holds `retryAfter`,
/// goes to the caller. After an error of a write, read the object again before deciding what to do.
enum RetryRule {
  private static let triesAsAsked = 10
  private static let triesUnasked = 4
  private static let firstBound = Duration.milliseconds(100)
  private static let lastBound = Duration.seconds(5)

  /// How long to wait before the next try; nil for none.
  /// - Parameter tries: how many there were, the failed one included.
  static func wait(after error: KubernetesError, isWrite: Bool, tries: Int) -> Duration? {
    guard isRepeatable(error, isWrite: isWrite) else { return nil }
    let asked = retryAfter(error)
    guard tries < (asked == nil ? triesUnasked : triesAsAsked) else { return nil }
    let bound = min(firstBound * (1 << min(tries - 1, 20)), lastBound)
    return (asked ?? .zero) + bound * Double.random(in: 0...1)
  }

  private static func isRepeatable(_ error: KubernetesError, isWrite: Bool) -> Bool {
    switch error {
    case .api(let status) where status.code == 429: true
    case .api(let status) where isWrite: status.code == 503 && status.retryAfter != nil
    case .api(let status): [500, 502, 503, 504].contains(status.code)
    case .transport(let error): error.reason == .cannotConnect || (error.reason == .connectionLost && !isWrite)
    case .configuration, .decoding: false
    }
  }

  private static func retryAfter(_ error: KubernetesError) -> Duration? {
    if case .api(let status) = error { status.retryAfter } else { nil }
  }
}
