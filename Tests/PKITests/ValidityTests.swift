import Foundation
import PKI
import Testing

@Suite struct ValidityTests {
  @Test func timesAreCutToWholeSeconds() throws {
    let validity = Validity(notBefore: today + 0.9, notAfter: today + day + 0.9)
    #expect(validity == Validity(notBefore: today, notAfter: today + day))
    let certificate = try makeAuthority(validity: validity).certificate
    #expect(certificate.notBefore == validity.notBefore)
    #expect(certificate.notAfter == validity.notAfter)
  }

  @Test func aDurationBeginsFiveMinutesEarlyOrATenthOfAShortOne() {
    #expect(Validity(from: today, duration: day) == Validity(notBefore: today - 300, notAfter: today + day))
    #expect(Validity(from: today, duration: 55) == Validity(notBefore: today - 5, notAfter: today + 55))
  }

  @Test(arguments: [0.0, 0.3, 0.5, 0.9]) func theLifetimeDoesNotHangOnTheFractionOfTheSecond(fraction: TimeInterval) {
    let validity = Validity(from: today + fraction, duration: 57)
    #expect(validity.notAfter.timeIntervalSince(validity.notBefore) == 62)
  }

  @Test(arguments: [0, -1, -1e6]) func anEndThatIsNotAfterTheBeginningIsRefused(duration: TimeInterval) {
    let validity = Validity(notBefore: today, notAfter: today + duration)
    #expect(
      failure { try makeAuthority(validity: validity) }.contains("must end after it begins at 2026-08-01T00:00:00Z")
    )
  }
}
