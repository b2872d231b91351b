/// Limits for retries of failed keys in a work queue.
public struct RetryLimits: Sendable {
  /// Bound of a key's first delay.
  public var base: Duration
  /// Bound of a key's longest delay.
  public var limit: Duration
  /// Retries per second over all keys, after the burst is used up.
  public var rate: Double
  /// Number of retries that may happen at once.
  public var burst: Int

  /// The defaults are controller-runtime's overall rate (10 per second, bursts of 100) and, per key, delays with full
  /// jitter under a bound that doubles from 50 ms to 5 minutes. client-go's delays have no jitter, so keys that failed
  /// together retry together, and they grow to 17 minutes, long after a server has recovered.
  public init(
    base: Duration = .milliseconds(50),
    limit: Duration = .seconds(300),
    rate: Double = 10,
    burst: Int = 100
  ) {
    self.base = base
    self.limit = limit
    self.rate = rate
    self.burst = burst
  }
}
