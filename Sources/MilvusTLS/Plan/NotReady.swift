/// Why the specified TLS cannot be given.
struct NotReady: Equatable {
  let reason: ReadyReason
  /// The same for people.
  let message: String

  init(_ reason: ReadyReason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  /// Nil without a conflict.
  init?(_ conflicts: [FieldConflict]) {
    guard !conflicts.isEmpty else { return nil }
    self.init(.conflict, conflicts.map(\.description).joined(separator: "; "))
  }
}
