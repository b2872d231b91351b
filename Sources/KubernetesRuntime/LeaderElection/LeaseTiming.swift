/// The times of a leader election; the defaults are client-go's.
public struct LeaseTiming: Sendable {
  /// How long others wait after the last sign of life before they take over.
  public var leaseDuration: Duration
  /// How long a leader goes on without having renewed; less than `leaseDuration`, by more than a write is under way.
  public var renewDeadline: Duration
  /// Time between renewals, and, up to 2.2 times as long, between failed tries to take over.
  public var retryPeriod: Duration
  /// How long a clean stop may wait for the Lease to be released.
  public var releaseLimit: Duration

  public init(
    leaseDuration: Duration = .seconds(15),
    renewDeadline: Duration = .seconds(10),
    retryPeriod: Duration = .seconds(2),
    releaseLimit: Duration = .seconds(1)
  ) {
    precondition(renewDeadline < leaseDuration && retryPeriod < renewDeadline, "retry < renew < lease")
    self.leaseDuration = leaseDuration
    self.renewDeadline = renewDeadline
    self.retryPeriod = retryPeriod
    self.releaseLimit = releaseLimit
  }

  /// client-go's JitterFactor: rivals that failed together do not try again together.
  var jitteredRetryPeriod: Duration { retryPeriod * Double.random(in: 1...2.2) }
}
