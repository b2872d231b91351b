import Foundation

/// Whether any of several windows is open.
public enum MaintenanceState: Sendable, Equatable {
  /// Open at least until this time.
  case open(until: Date)
  /// Closed until the next window opens.
  case closed(until: Date)
}

extension [MaintenanceWindow] {
  /// Maximum number of consecutive windows that are merged, so that endless sequences take bounded time.
  private static var mostJoined: Int { 500 }

  /// Whether one of these windows is open, and until when. Overlapping and adjacent windows are merged, up to 500 in
  /// sequence. Without windows the state is always open.
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
