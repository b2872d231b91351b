import Foundation
import Glibc
import MilvusTLS
import Observability

/// The table of `milvus-tls status`.
struct StatusTable {
  let hasNamespaces: Bool
  let isWide: Bool

  /// The header and a row for each status.
  func lines(_ statuses: [ReleaseStatus], now: Date) -> [String] {
    var table = TextTable(rows: [header] + statuses.map { row($0, now: now) })
    if Terminal.hasColors(STDOUT_FILENO) {
      table.colors = [Condition.Status.false.rawValue: "31", Condition.Status.unknown.rawValue: "33"]
    }
    return table.lines
  }

  private var header: [String] {
    (hasNamespaces ? ["NAMESPACE"] : []) + ["MILVUS", "EXTERNAL", "INTERNAL", "READY", "VERIFIED", "EXPIRES", "RENEWS"]
      + (isWide ? ["MILVUSTLS", "REASON", "MESSAGE"] : ["REASON"])
  }

  private func row(_ status: ReleaseStatus, now: Date) -> [String] {
    // What `kubectl get` prints for a missing value.
    let none = "<none>"
    let times = [status.expires, status.renews].map { date in
      let time = date.map { RelativeTime(date: $0, now: now) }
      return (isWide ? time?.description : time?.distance) ?? none
    }
    return (hasNamespaces ? [status.namespace] : [])
      + [
        status.milvus, status.external?.rawValue ?? none, status.internal.map { "\($0)" } ?? none,
        status.ready.rawValue, status.verified.rawValue,
      ] + times
      + (isWide ? [status.milvusTLS, status.reason ?? "", status.message ?? ""] : [status.reason ?? ""])
  }
}
