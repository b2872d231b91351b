/// A token bucket: a rate limit that allows bursts.
struct TokenBucket {
  private let rate: Double
  private let capacity: Double
  /// Negative if tokens were taken in advance.
  private var tokens: Double
  private var filledAt = Duration.zero

  /// - Parameters:
  ///   - rate: tokens per second.
  ///   - burst: maximum number of tokens saved.
  init(rate: Double, burst: Int) {
    self.rate = rate
    capacity = Double(burst)
    tokens = capacity
  }

  /// Takes a token, in advance if none is available.
  /// - Returns: how long to wait before using it.
  mutating func take(at now: Duration) -> Duration {
    tokens = min(capacity, tokens + (now - filledAt).seconds * rate) - 1
    filledAt = now
    return tokens >= 0 ? .zero : .seconds(-tokens / rate)
  }
}
