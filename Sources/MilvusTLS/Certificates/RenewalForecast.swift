import Foundation
import PKI
import Schedule

/// When the operator renews the certificates of a MilvusTLS, as far as certificate and spec decide it. Fields of the
/// spec that cannot be used count as left out.
public struct RenewalForecast: Sendable {
  private let renewBefore: Duration?
  private let windows: [MaintenanceWindow]

  public init(_ milvusTLS: ObservedMilvusTLS) {
    let spec = MilvusTLSSpec.readingLeniently(milvusTLS.spec, minimumDuration: .seconds(1)).0
    renewBefore = spec?.certificate.renewBefore
    windows = spec?.windows ?? []
  }

  /// When a certificate is due for renewal.
  public func dueTime(of certificate: Certificate, role: SecretRole) -> Date {
    RenewalSchedule.renewalTime(of: certificate, renewBefore: role == .authority ? nil : renewBefore)
  }

  /// When the renewal is expected: once it is due, in the next maintenance window, or when the certificate's end leaves
  /// no time to wait for one.
  public func expectedTime(of certificate: Certificate, role: SecretRole, now: Date) -> Date {
    let earliest = max(dueTime(of: certificate, role: role), now)
    guard case .closed(let opening) = windows.state(at: earliest) else { return earliest }
    return max(earliest, min(opening, RenewalSchedule.windowDeadline(of: certificate)))
  }

  /// The maintenance windows that are open in a period, in their order.
  /// - Parameter limit: how many of each window of the spec.
  public func windows(in period: DateInterval, limit: Int) -> [DateInterval] {
    windows.flatMap { window in
      var openings: [DateInterval] = []
      var date = period.start - window.duration.wholeSeconds
      while openings.count < limit, let opening = window.opening(after: date), opening < period.end {
        openings.append(DateInterval(start: opening, end: window.closing(of: opening)))
        date = opening
      }
      return openings
    }.sorted()
  }
}
