import Foundation
import Testing

@testable import Schedule

@Suite struct POSIXTimeZoneTests {
  /// Zone, and what it does at a time: seconds east of UTC, and the next change.
  @Test(arguments: [
    ("UTC0", "2060-07-01T00:00:00Z", 0, nil),
    ("<+0545>-5:45", "2060-07-01T00:00:00Z", 20_700, nil),
    ("AAA+1:02:03", "2060-07-01T00:00:00Z", -3723, nil),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2060-03-28T00:59:59Z", 3600, "2060-03-28T01:00:00Z"),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2060-03-28T01:00:00Z", 7200, "2060-10-31T01:00:00Z"),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2060-12-31T12:00:00Z", 3600, "2061-03-27T01:00:00Z"),
    ("EST5EDT,M3.2.0,M11.1.0", "2060-11-07T05:59:59Z", -14_400, "2060-11-07T06:00:00Z"),
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2060-01-01T00:00:00Z", 39_600, "2060-04-03T15:00:00Z"),
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2060-05-01T00:00:00Z", 37_800, "2060-10-02T15:30:00Z"),
    // Daylight saving that is behind standard time, from October to March.
    ("IST-1GMT0,M10.5.0,M3.5.0/1", "2060-01-01T00:00:00Z", 0, "2060-03-28T01:00:00Z"),
    // J60 is March 1 in every year, 59 is February 29 in a leap year.
    ("AAA0BBB,J60/0,J300/0", "2060-02-29T23:59:59Z", 0, "2060-03-01T00:00:00Z"),
    ("AAA0BBB,59/0,300/0", "2060-02-28T23:59:59Z", 0, "2060-02-29T00:00:00Z"),
    ("AAA0BBB,59/0,300/0", "2061-02-28T23:59:59Z", 0, "2061-03-01T00:00:00Z"),
    ("AAA0BBB,J60/0,J300/0", "2100-02-28T23:59:59Z", 0, "2100-03-01T00:00:00Z"),
    ("AAA0BBB,J60/0,J300/0", "2000-02-29T23:59:59Z", 0, "2000-03-01T00:00:00Z"),
    // Hours before and after the day that is named (RFC 9636, 3.3.1).
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2060-03-27T00:00:00Z", -7200, "2060-03-28T01:00:00Z"),
    ("AAA0BBB,J1/-167,J100/167", "2059-12-25T00:59:59Z", 0, "2059-12-25T01:00:00Z"),
    ("AAA0BBB,J100/0,J365/167", "2061-01-01T00:00:00Z", 3600, "2061-01-06T22:00:00Z"),
    // Daylight saving for the whole year (RFC 9636, 3.3.1).
    ("EST5EDT,0/0,J365/25", "2060-01-01T04:59:59Z", -14_400, "2060-01-01T05:00:00Z"),
    ("EST5EDT,0/0,J365/25", "2060-01-01T05:00:00Z", -14_400, "2061-01-01T05:00:00Z"),
    ("EST5EDT,0/0,J365/25", "2060-07-01T05:00:00Z", -14_400, "2061-01-01T05:00:00Z"),
  ])
  func offsetAndNextChange(text: String, time: String, offset: Int, change: String?) throws {
    let zone = try #require(POSIXTimeZone(text.utf8))
    let period = zone.period(at: Int(try Date(time, strategy: .iso8601).timeIntervalSince1970))
    #expect(period.offset == offset)
    let end = try change.map { Int(try Date($0, strategy: .iso8601).timeIntervalSince1970) }
    #expect(period.end == end ?? .max)
  }

  @Test(arguments: [
    "", "C", "CE-1", "CET", "CET-", "CET-25", "CET-1:60", "<+03-3", "<>-3", "CET-1CEST", "CET-1CEST,",
    "CET-1CEST,M3.5.0",
    "CET-1CEST,M3.5.0,", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
    "CET-1CEST,M3.5,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,J1,J366", "CET-1CEST,366,1",
    "CET-1CEST,M3.5.0/168,M10.5.0",
    "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,M3.5.0,M10.5.0,M1.1.1", "CET-0001", ":Europe/Berlin",
  ])
  func refuses(text: String) {
    #expect(POSIXTimeZone(text.utf8) == nil)
  }
}
