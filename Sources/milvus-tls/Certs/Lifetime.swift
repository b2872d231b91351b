import ArgumentParser
import Foundation
import PKI

/// How long a certificate is valid.
struct Lifetime: Equatable {
  private static let day: TimeInterval = 86400
  private static let allowedDays = 1...365_000

  /// In seconds.
  let seconds: TimeInterval

  /// - Parameter days: whole days.
  init(days: Int) {
    seconds = TimeInterval(days) * Self.day
  }

  /// - Throws: `ValidationError` with the allowed values.
  init(argument: String) throws {
    guard let days = Int(argument), Self.allowedDays.contains(days) else {
      throw ValidationError(
        "must be a number of days from \(Self.allowedDays.lowerBound) to \(Self.allowedDays.upperBound)"
      )
    }
    self.init(days: days)
  }

  /// The lifetime that was requested for a certificate. Certificates of `certs create` begin a few minutes before their
  /// creation, those of gen.sh do not: what is within these minutes of whole days is whole days.
  init(of certificate: Certificate) {
    let validity = Validity(notBefore: certificate.notBefore, notAfter: certificate.notAfter)
    let requested = validity.requestedDuration
    let wholeDays = (requested / Self.day).rounded() * Self.day
    seconds = wholeDays > 0 && abs(wholeDays - requested) <= 300 ? wholeDays : requested
  }

  /// From now on.
  func validity(from now: Date) -> Validity { Validity(from: now, duration: seconds) }
}

extension Date {
  /// The present second: certificates have no fractions.
  static var presentSecond: Date { Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down)) }
}
