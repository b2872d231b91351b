/// What a reconcile has come to.
public enum Reconciliation: Sendable, Equatable {
  /// Nothing is left to do until something changes.
  case done
  /// Look again after a time, whatever changes before.
  case requeue(after: Duration)
}
