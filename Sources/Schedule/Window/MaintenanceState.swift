import Foundation

/// Whether a window of several is open.
public enum MaintenanceState: Sendable, Equatable {
  /// At least until then.
  case open(until: Date)
  /// Until the next one opens.
  case closed(until: Date)
}

extension [MaintenanceWindow] {
  /// How many windows in a row are joined, so that some that never end take a bounded time.
  private static var mostJoined: Int { 500 }

  /// Whether one of these windows is open, and until when. Windows that overlap or touch are one; of more than 500 in a row the
  /// first 500 are. No windows at all leave everything open.
  public func state(at date: Date) -> MaintenanceState {
    guard !isEmpty else { return .open(until: .distantFuture) }
    guard var until = lastClosing(around: date) else {
      return .closed(until: compactMap { $0.opening(after: date) }.min() ?? .distantFuture)
    }
    for _ in 1..<Self.mostJoined {
      guard let later = lastClosing(around: until) else { break }
      until = later
    }
    return .open(until: until)
  }

  private func lastClosing(around date: Date) -> Date? { compactMap { $0.closing(around: date) }.max() }
}
