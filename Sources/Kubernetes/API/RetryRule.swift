/// Which failed requests are retried, and when.
///
/// | failure | read | write |
/// | --- | --- | --- |
/// | 429 Too Many Requests | retry | retry: the server did not process it |
/// | 503 with Retry-After | retry | retry: the server did not process it |
/// | 500, 502, 503, 504 | retry | error: the server may have processed it |
/// | no connection could be established | retry | retry: nothing was sent |
/// | connection lost before the response | retry | error: the server may have processed it |
/// | 401 with an exec plugin's credential | retry once with a new one | retry once with a new one |
/// | timeout, TLS failure, anything else | error | error |
///
/// At most ten attempts if the server sends Retry-After (as in client-go), else four. The waits grow from 0.1 s with
/// full jitter and are added to Retry-After. A wait that would exceed the request's deadline is not started; the caller
/// gets the error, which contains `retryAfter`. After a failed write, read the object again before deciding what to do.
enum RetryRule {
  private static let triesAsAsked = 10
  private static let triesUnasked = 4
  private static let firstBound = Duration.milliseconds(100)
  private static let lastBound = Duration.seconds(5)

  /// How long to wait before the next attempt; nil for none.
  /// - Parameter tries: number of attempts so far, including the failed one.
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
