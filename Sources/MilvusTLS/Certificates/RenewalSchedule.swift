import Foundation
import PKI

/// When certificates are renewed, as parts of their lifetimes. The parts depend on each other: two overlaps of a CA
/// rotation and the last tenth fit into the last third.
enum RenewalSchedule {
  /// Part of the lifetime that is left when a certificate is renewed, where the spec does not say otherwise.
  private static let renewalPart = 1.0 / 3
  /// Part of the lifetime in which a certificate is replaced whatever else is under way.
  private static let criticalPart = 1.0 / 10
  /// Part of the time left at renewal over which certificates that were made together are renewed one after the other.
  private static let spreadPart = 1.0 / 10
  /// Part of a CA's lifetime that an overlap may take, so that a rotation ends before the CA does.
  private static let overlapPart = 6
  /// A certificate that ends this soon waits for no window, in seconds.
  private static let urgency: TimeInterval = 24 * 3600
  /// A certificate that nobody renews is warned of this long before its end, in seconds.
  private static let warning: TimeInterval = 30 * 86400

  /// When a certificate is renewed, in whole seconds: X.509 and Kubernetes store these, and a stored time has to
  /// compare equal to a computed one.
  /// - Parameter renewBefore: how long before its end; nil for the last third of its lifetime.
  static func renewalTime(of certificate: Certificate, renewBefore: Duration?) -> Date {
    let before = renewBefore?.wholeSeconds ?? certificate.lifetime * renewalPart
    let spread = before * spreadPart * fraction(of: certificate)
    return (certificate.notAfter - before + spread).inWholeSeconds
  }

  /// When the last tenth of the lifetime begins: the certificate is replaced then, whatever else is under way.
  static func criticalTime(of certificate: Certificate) -> Date {
    certificate.notAfter - (certificate.lifetime * criticalPart).rounded()
  }

  static func isCritical(_ certificate: Certificate, at now: Date) -> Bool { now >= criticalTime(of: certificate) }

  /// Until when a rotation waits for a window: a day before the end, or in the last tenth of the lifetime.
  static func windowDeadline(of certificate: Certificate) -> Date {
    certificate.notAfter - max(urgency, certificate.lifetime * criticalPart)
  }

  /// When a CA gets a new certificate for its old key: in its last tenth, or, where two overlaps and a tenth of its
  /// lifetime are more than is left when it is due, then.
  static func sameKeyRenewalTime(of certificate: Certificate, overlap: Duration) -> Date {
    let due = renewalTime(of: certificate, renewBefore: nil)
    let needed = 2 * overlap.wholeSeconds + certificate.lifetime * criticalPart
    return certificate.notAfter.timeIntervalSince(due) < needed ? due : criticalTime(of: certificate)
  }

  /// The longest overlap for CAs with a lifetime.
  static func longestOverlap(authorityDuration: Duration) -> Duration {
    .seconds(authorityDuration.components.seconds / Int64(overlapPart))
  }

  /// When the owner of a certificate is warned of its end.
  static func warningTime(of certificate: Certificate) -> Date {
    certificate.notAfter - min(warning, certificate.lifetime * renewalPart)
  }

  /// From 0 to 1, evenly spread and always the same for one certificate: serial numbers are random.
  private static func fraction(of certificate: Certificate) -> Double {
    let digits = certificate.serialNumber.suffix(8)
    return (UInt32(digits, radix: 16).map(Double.init) ?? 0) / Double(UInt32.max)
  }
}

extension Certificate {
  /// From the first second to the last, in seconds.
  var lifetime: TimeInterval { notAfter.timeIntervalSince(notBefore) }
}
