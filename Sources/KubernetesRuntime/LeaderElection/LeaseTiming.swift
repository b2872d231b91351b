/// Timing of a leader election; the defaults are client-go's.
public struct LeaseTiming: Sendable {
  /// How long other processes wait after the last renewal before they take over.
  public var leaseDuration: Duration
  /// How long a leader may lead without a renewal. Must be less than `leaseDuration`, by more than the duration of a
  /// write.
  public var renewDeadline: Duration
  /// Interval between renewals and, multiplied by a random factor up to 2.2, between failed attempts to acquire the
  /// Lease.
  public var retryPeriod: Duration
  /// Time limit for releasing the Lease on shutdown. A new connection with TLS fits in; a Lease that is not released
  /// costs the others a whole `leaseDuration`.
  public var releaseLimit: Duration

  /// - Precondition: `retryPeriod` < `renewDeadline` < `leaseDuration`.
  public init(
    leaseDuration: Duration = .seconds(15),
    renewDeadline: Duration = .seconds(10),
    retryPeriod: Duration = .seconds(2),
    releaseLimit: Duration = .seconds(5)
  ) {
    precondition(renewDeadline < leaseDuration && retryPeriod < renewDeadline, "retry < renew < lease")
    self.leaseDuration = leaseDuration
    self.renewDeadline = renewDeadline
    self.retryPeriod = retryPeriod
    self.releaseLimit = releaseLimit
  }

  /// client-go's JitterFactor: processes that failed together do not retry together.
  var jitteredRetryPeriod: Duration { retryPeriod * Double.random(in: 1...2.2) }
}
