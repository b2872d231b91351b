import Foundation
import JSON
import MilvusTLS
import PKI
import Testing

@testable import milvus_tls

@Suite struct TimeLineTests {
  /// Saturdays at 02:00 UTC.
  private static let windows: JSONValue = [
    "rotation": ["windows": [["schedule": "0 2 * * 6", "duration": "4h"]]]
  ]

  @Test func aRenewalIsExpectedInTheFirstWindowOnceItIsDue() throws {
    let release = try #require(try ReportCase.release(spec: Self.windows).page.releases.first)
    for certificate in release.certificates where certificate.role != .authority {
      let (due, expected) = (try #require(certificate.due), try #require(certificate.expected))
      #expect(expected >= due)
      #expect(expected.timeIntervalSince(due) <= 7 * 86400)
      #expect(Calendar.utc.component(.weekday, from: expected) == 7)
      #expect(Calendar.utc.component(.hour, from: expected) >= 2)
    }
  }

  @Test func aRenewalThatIsOverdueIsExpectedInTheNextWindowOrBeforeTheEndLeavesNoTime() throws {
    let authority = try ReportCase.authority("authority", from: -400, to: 3000)
    func expected(_ begin: Double, _ end: Double) throws -> Date {
      let leaf = try ReportCase.leaf(.server, "server", by: authority, from: begin, to: end)
      let milvusTLS = try #require(ObservedMilvusTLS(ReportCase.milvusTLS("m", spec: Self.windows, status: [:])))
      return RenewalForecast(milvusTLS).expectedTime(of: leaf.certificate, role: .server, now: ReportCase.now)
    }
    // Monday; the next window is on Saturday.
    #expect(try expected(-300, 65).kubernetesTime == "2026-12-05T02:00:00Z")
    #expect(try expected(-10, 3) == ReportCase.day(3 - 1.3))
  }

  @Test func theWindowsOfAPeriodAreInOrder() throws {
    let milvusTLS = try #require(ObservedMilvusTLS(ReportCase.milvusTLS("m", spec: Self.windows, status: [:])))
    let period = DateInterval(start: ReportCase.now, duration: 14 * 86400)
    let windows = RenewalForecast(milvusTLS).windows(in: period, limit: 400)
    #expect(windows.map(\.start.kubernetesTime) == ["2026-12-05T02:00:00Z", "2026-12-12T02:00:00Z"])
    #expect(windows.map(\.duration) == [4 * 3600, 4 * 3600])
    #expect(RenewalForecast(milvusTLS).windows(in: period, limit: 1).count == 1)
  }

  @Test(arguments: [0.02, 0.5, 3, 40, 365, 4000])
  func labelsOfTheAxisNeverTouch(days: Double) throws {
    let authority = try ReportCase.authority("authority", from: -days / 2, to: days + 1)
    let server = try ReportCase.leaf(.server, "server", by: authority, from: -days / 2, to: days)
    var certificate = ReportCertificate(.server, title: "Server", secretName: "certs")
    certificate.take(server.certificate)
    let axis = TimeAxis([certificate], now: ReportCase.now, left: TimeLine.left, right: TimeLine.right)
    let marks = axis.marks
    #expect(marks.count >= 2)
    for (one, next) in zip(marks, marks.dropFirst()) { #expect(next.position - one.position >= 70) }
    #expect(marks.allSatisfy { (TimeLine.left...TimeLine.right).contains($0.position) })
    #expect(axis.period.contains(ReportCase.now))
  }

  @Test func manyReleasesAreDrawnInPicturesThatFitAPage() throws {
    let release = try #require(try ReportCase.release().page.releases.first)
    let releases = Array(repeating: release, count: 40)
    let axis = TimeAxis(release.certificates, now: ReportCase.now, left: TimeLine.left, right: TimeLine.right)
    let pictures = TimeLine.pictures(of: releases, axis: axis)
    #expect(pictures.map(\.releases.count).reduce(0, +) == 40)
    #expect(pictures.count == 6)
    for picture in pictures {
      let text = picture.html.text
      let rows = text.matches(of: /class="(?:certificate|release)" x="[0-9.]+" y="([0-9.]+)"/).map { Double($0.1) ?? 0 }
      #expect(rows.count == picture.releases.count * 4)
      for (one, next) in zip(rows, rows.dropFirst()) { #expect(next - one == 24) }
    }
  }
}

extension Calendar {
  fileprivate static var utc: Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }
}
