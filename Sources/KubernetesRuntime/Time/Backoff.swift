/// Delays between attempts: exponential with full jitter, so that clients that failed together do not retry together.
public struct Backoff: Sendable {
  /// Upper bound of the first delay.
  public let base: Duration
  /// Upper bound of every delay.
  public let limit: Duration
  private var tries = 0

  public init(base: Duration, limit: Duration) {
    self.base = base
    self.limit = limit
  }

  /// The next delay: a random duration up to a bound that doubles with each call.
  public mutating func next() -> Duration {
    let bound = min(base * (1 << min(tries, 30)), limit)
    tries += 1
    return bound * Double.random(in: 0...1)
  }

  /// Starts over, after a success.
  public mutating func reset() {
    tries = 0
  }
}
