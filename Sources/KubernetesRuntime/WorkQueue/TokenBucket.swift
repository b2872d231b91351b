/// A rate over time with room for bursts: takers that come too fast are told how long to wait.
struct TokenBucket {
  private let rate: Double
  private let capacity: Double
  /// Negative while takers wait.
  private var tokens: Double
  private var filledAt = Duration.zero

  /// - Parameters:
  ///   - rate: tokens a second.
  ///   - burst: tokens that gather while nobody takes one.
  init(rate: Double, burst: Int) {
    self.rate = rate
    capacity = Double(burst)
    tokens = capacity
  }

  /// Takes a token that is there now or later.
  /// - Returns: how long to wait for it.
  mutating func take(at now: Duration) -> Duration {
    tokens = min(capacity, tokens + (now - filledAt).seconds * rate) - 1
    filledAt = now
    return tokens >= 0 ? .zero : .seconds(-tokens / rate)
  }
}
