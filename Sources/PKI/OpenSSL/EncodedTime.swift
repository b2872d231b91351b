import COpenSSL
import Foundation

/// Time as encoded in X.509: whole seconds, UTCTime through 2049 and GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5).
enum EncodedTime {
  /// 1950-01-01T00:00:00Z to 9999-12-31T23:59:59Z, the range of the two encodings.
  static let range = -631_152_000.0...253_402_300_799.0

  /// Seconds since 1970, truncated to whole seconds.
  static func seconds(_ date: Date, for call: OpenSSLCall) throws -> time_t {
    let seconds = date.timeIntervalSince1970.rounded(.down)
    guard range.contains(seconds) else { throw call.failure("a time is not in the years 1950 to 9999") }
    return time_t(seconds)
  }

  /// Reads either encoding.
  static func date(_ time: UnsafePointer<ASN1_TIME>?, for call: OpenSSLCall) throws -> Date {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { throw call.failure("a time is malformed") }
    return Date(timeIntervalSince1970: TimeInterval(timegm(&parts)))
  }
}
