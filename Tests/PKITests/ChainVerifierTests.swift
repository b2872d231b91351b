import Foundation
import PKI
import Testing

@Suite struct ChainVerifierTests {
  private func reason(
    _ leaf: Certificate,
    _ authorities: [Certificate],
    _ purpose: Purpose = .server,
    name: String? = nil,
    at date: Date = today
  ) -> String {
    failure {
      try ChainVerifier.verify(leaf: leaf, authorities: authorities, purpose: purpose, name: name, at: date)
    }
  }

  @Test(arguments: ["localhost", "LOCALHOST", "10.1.2.3", "2001:db8::1", "2001:DB8:0::1", "a.wild.example"])
  func aGoodChainIsAcceptedUnderEachOfItsNames(name: String) throws {
    let authority = try makeAuthority()
    let leaf = try authority.issue(
      makeRequest(dnsNames: ["localhost", "*.wild.example"], ipAddresses: ["10.1.2.3", "2001:db8::1"])
    )
    try ChainVerifier.verify(leaf: leaf, authorities: [authority.certificate], purpose: .server, name: name, at: today)
  }

  @Test(arguments: ["other", "b.a.wild.example", "wild.example", "10.1.2.4", "::1", "my-release-milvus.default.svc"])
  func anotherNameIsRefusedAndTheCommonNameIsNone(name: String) throws {
    let authority = try makeAuthority()
    let leaf = try authority.issue(
      makeRequest(dnsNames: ["localhost", "*.wild.example"], ipAddresses: ["10.1.2.3"])
    )
    let text = reason(leaf, [authority.certificate], name: name)
    #expect(text.contains("mismatch at depth 0 (CN=my-release-milvus.default.svc)"))
    #expect(text.contains("\"\(name)\" is not among localhost, *.wild.example, 10.1.2.3"))
  }

  @Test func theCommonNameIsNoNameEvenWhereThereAreOnlyAddresses() throws {
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest(commonName: "only.example", dnsNames: [], ipAddresses: ["::1"]))
    #expect(reason(leaf, [authority.certificate], name: "only.example").contains("is not among ::1"))
    let client = try authority.issue(makeRequest(.client, commonName: "c.example", dnsNames: [], ipAddresses: []))
    #expect(reason(client, [authority.certificate], .client, name: "c.example").contains("has no names"))
  }

  @Test func aWildcardForPartOfALabelMatchesNothing() throws {
    let chain = try ForeignChain()
    #expect(chain.leaf.dnsNames == ["foreign.example", "part*.foreign.example"])
    #expect(
      reason(chain.leaf, [chain.intermediate], name: "partial.foreign.example", at: Date()).contains("mismatch")
    )
  }

  @Test(arguments: ["", ".wild.example", "*.wild.example", "a b", "localhost\0"])
  func whatIsNoNameIsRefusedAndNotTakenForNoCheck(name: String) throws {
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest(dnsNames: ["localhost", "*.wild.example"]))
    #expect(reason(leaf, [authority.certificate], name: name).contains("is not a DNS name or IP address"))
  }

  @Test func theWrongPurposeIsRefused() throws {
    let authority = try makeAuthority()
    let server = try authority.issue(makeRequest(.server))
    let client = try authority.issue(makeRequest(.client))
    try ChainVerifier.verify(leaf: client, authorities: [authority.certificate], purpose: .client, at: today)
    #expect(reason(server, [authority.certificate], .client).contains("purpose"))
    #expect(reason(client, [authority.certificate], .server).contains("purpose"))
  }

  @Test func timesBeforeAndAfterAreRefusedToTheSecond() throws {
    let authority = try makeAuthority(validity: Validity(from: today - 100 * day, duration: 1000 * day))
    let validity = Validity(notBefore: today, notAfter: today + day)
    let leaf = try authority.issue(makeRequest(validity: validity))
    for date in [today, today + day - 0.5] {
      try ChainVerifier.verify(leaf: leaf, authorities: [authority.certificate], purpose: .server, at: date)
    }
    #expect(reason(leaf, [authority.certificate], at: today - 0.5).contains("not yet valid at depth 0"))
    #expect(reason(leaf, [authority.certificate], at: today + day).contains("has expired at depth 0"))
    #expect(reason(leaf, [authority.certificate], at: today + 2000 * day).contains("has expired at depth 1"))
  }

  @Test func aForeignAuthorityIsRefusedEvenUnderTheSameName() throws {
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest())
    let stranger = try makeAuthority("stranger").certificate
    let impostor = try makeAuthority().certificate
    #expect(reason(leaf, [stranger]).contains("unable to get local issuer certificate at depth 0"))
    #expect(reason(leaf, [impostor]).hasPrefix("verify the server certificate CN=my-release"))
    #expect(!leaf.isIssued(by: stranger))
    #expect(!leaf.isIssued(by: impostor))
    #expect(reason(leaf, []).contains("no trusted CA"))
  }

  @Test func aBundleOfOldAndNewAuthorityTakesLeavesOfBoth() throws {
    let old = try makeAuthority()
    let new = try makeAuthority()
    for issuer in [old, new] {
      let leaf = try issuer.issue(makeRequest())
      for bundle in [[old.certificate, new.certificate], [new.certificate, old.certificate]] {
        try ChainVerifier.verify(leaf: leaf, authorities: bundle, purpose: .server, at: today)
      }
    }
  }

  @Test func aTamperedSignatureIsRefused() throws {
    let authority = try makeAuthority(algorithm: .ed25519)
    var der = try authority.issue(makeRequest()).der
    der[der.count - 1] ^= 1
    let leaf = try Certificate(der: der)
    #expect(reason(leaf, [authority.certificate]).contains("signature failure at depth 0"))
    #expect(!leaf.isIssued(by: authority.certificate))
  }

  @Test func anIntermediateIsNeededAndEnough() throws {
    let chain = try ForeignChain()
    try ChainVerifier.verify(
      leaf: chain.leaf,
      intermediates: [chain.intermediate],
      authorities: [chain.root],
      purpose: .server,
      name: "foreign.example",
      at: Date()
    )
    #expect(reason(chain.leaf, [chain.root], at: Date()).contains("unable to get local issuer"))
    // An authority that is no root is trusted all the same, as in Go.
    try ChainVerifier.verify(leaf: chain.leaf, authorities: [chain.intermediate], purpose: .server, at: Date())
  }

  @Test func ourAuthorityMayNotHaveAnotherBelowIt() throws {
    let root = try makeAuthority(validity: Validity(from: Date(), duration: 30 * day))
    let chain = try ForeignChain(root: root)
    let text = failure {
      try ChainVerifier.verify(
        leaf: chain.leaf,
        intermediates: [chain.intermediate],
        authorities: [root.certificate],
        purpose: .server,
        at: Date()
      )
    }
    #expect(text.contains("path length constraint exceeded"))
  }

  @Test func aTimeOutsideTheCalendarIsAnErrorAndNotACrash() throws {
    let authority = try makeAuthority()
    let leaf = try authority.issue(makeRequest())
    for seconds in [Double.infinity, .nan, 1e300, -1e300] {
      let date = Date(timeIntervalSince1970: seconds)
      #expect(reason(leaf, [authority.certificate], at: date).contains("years 1950 to 9999"))
      let validity = Validity(from: date, duration: day)
      #expect(failure { try authority.issue(makeRequest(validity: validity)) }.contains("years 1950 to 9999"))
    }
  }
}
