import Foundation
import MilvusTLS

/// The period that the time lines show, and where a time is in it.
struct TimeAxis {
  private static let day: TimeInterval = 86400
  /// Longest time to come: CAs live so much longer that certificates would shrink to nothing beside them.
  private static let longest = 400 * day
  /// Least distance of two labels.
  private static let labelWidth = 78.0

  /// Where the lines begin and end.
  let left: Double
  let right: Double
  let period: DateInterval
  let now: Date

  /// - Parameter certificates: all that are shown; CAs count only where there is nothing else.
  init(_ certificates: [ReportCertificate], now: Date, left: Double, right: Double) {
    (self.left, self.right, self.now) = (left, right, now)
    let leaves = certificates.filter { $0.role != .authority }
    let shown = leaves.isEmpty ? certificates : leaves
    let ahead = shown.compactMap { $0.notAfter?.timeIntervalSince(now) }.max() ?? 0
    let behind = shown.compactMap { $0.notBefore.map { now.timeIntervalSince($0) } }.max() ?? 0
    let future = min(max(ahead * 1.04, behind / 6, Self.day / 4), Self.longest)
    let past = min(max(behind * 1.04, future / 12), future)
    period = DateInterval(start: now - past, end: now + future)
  }

  /// The position of a time, which may be outside the axis.
  func position(_ date: Date) -> Double {
    left + (right - left) * date.timeIntervalSince(period.start) / period.duration
  }

  /// The position of a time, at the edge for one outside.
  func edgePosition(_ date: Date) -> Double { min(max(position(date), left), right) }

  /// The marks of the axis with their labels.
  var marks: [(position: Double, label: String)] {
    let most = (right - left) / Self.labelWidth
    let hours = [1, 3, 6, 12].map { TimeInterval($0) * 3600 }
    let steps = hours + [1, 2, 7, 14, 28].map { $0 * Self.day }
    if let step = steps.first(where: { period.duration / $0 <= most }) {
      let first = (period.start.timeIntervalSince1970 / step).rounded(.up) * step
      return stride(from: first, to: period.end.timeIntervalSince1970, by: step).map { seconds in
        mark(Date(timeIntervalSince1970: seconds), withHour: step < Self.day)
      }
    }
    return months(every: [1, 2, 3, 6].first { period.duration / (30 * Self.day) / Double($0) <= most } ?? 12)
  }

  /// The first days of months. Without `Calendar`, for which the program of the image has no data.
  private func months(every step: Int) -> [(position: Double, label: String)] {
    let parts = period.start.kubernetesTime.split(separator: "-").prefix(2).compactMap { Int($0) }
    guard let year = parts.first, let month = parts.last else { return [] }
    // Years begin with a mark.
    let first = year * 12 + (month - 1) / step * step
    return stride(from: first, to: first + 120 * step, by: step).lazy
      .compactMap { month in
        Date(kubernetesTime: "\(month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01T00:00:00Z")
      }
      .prefix { $0 < period.end }.filter { $0 >= period.start }.map { mark($0, withHour: false) }
  }

  private func mark(_ date: Date, withHour: Bool) -> (position: Double, label: String) {
    (position(date), withHour ? date.minute : date.day)
  }
}

extension Date {
  /// `2026-11-30`, in UTC.
  var day: String { String(kubernetesTime.prefix(10)) }

  /// `11-30 17:00`, in UTC.
  var minute: String { String(kubernetesTime.dropFirst(5).prefix(11).replacing("T", with: " ")) }
}
