/// Result of a reconcile.
public enum Reconciliation: Sendable, Equatable {
  /// Nothing to do until something changes.
  case done
  /// Reconcile again after this long at the latest; a change brings the key back sooner.
  case requeue(after: Duration)
}
