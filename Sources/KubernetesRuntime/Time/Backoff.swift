/// Waiting times between tries: exponential with full jitter, so that many clients that failed together do not come back together.
public struct Backoff: Sendable {
  /// The first upper bound.
  public let base: Duration
  /// The largest upper bound.
  public let limit: Duration
  private var tries = 0

  public init(base: Duration, limit: Duration) {
    self.base = base
    self.limit = limit
  }

  /// The next time to wait: anything between nothing and a bound that doubles with every call.
  public mutating func next() -> Duration {
    let bound = min(base * (1 << min(tries, 30)), limit)
    tries += 1
    return bound * Double.random(in: 0...1)
  }

  /// Starts over after a success.
  public mutating func reset() {
    tries = 0
  }
}
