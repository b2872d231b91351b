import Foundation

extension Date {
  /// The time as Kubernetes writes it (RFC 3339, UTC, whole seconds).
  public var kubernetesTime: String { formatted(.iso8601) }

  /// Reads a time as Kubernetes writes it; nil for any other text.
  public init?(kubernetesTime text: String) {
    guard let date = try? Date(text, strategy: .iso8601) else { return nil }
    self = date
  }

  /// The time cut to whole seconds, as `kubernetesTime` keeps it.
  var inWholeSeconds: Date { Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down)) }
}
