/// How fast a work queue brings failed keys back.
public struct RetryLimits: Sendable {
  /// Bound of the first wait of a key.
  public var base: Duration
  /// Bound of the longest wait of a key.
  public var limit: Duration
  /// Retries a second over all keys, once the burst is used up.
  public var rate: Double
  /// Retries that may come at once.
  public var burst: Int

  /// The defaults are controller-runtime's overall rate (10 a second, bursts of 100) and, for a key, waits with full jitter under a bound
  /// that doubles from 50 ms to 5 minutes. client-go's have no jitter, so keys that failed together come back together, and grow to 17
  /// minutes, which is long after a server has recovered.
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
