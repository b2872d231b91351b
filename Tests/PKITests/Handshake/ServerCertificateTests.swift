import COpenSSL
import Foundation
import PKI
import Testing

@Suite struct ServerCertificateTests {
  @Test(arguments: algorithms)
  func aGoodServerIsAcceptedAndItsCertificateReturned(algorithm: PrivateKey.Algorithm) async throws {
    let authority = try makeAuthority(algorithm: algorithm)
    let settings = try TLSServerSettings(of: authority, algorithm: algorithm)
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: authority)
    #expect(report.outcome == .accepted)
    let shown = try #require(report.server)
    #expect(shown.chain == settings.chain)
    #expect(shown.version == .tls13)
    #expect(shown.applicationProtocol == "h2")
    #expect(!shown.requestsClientCertificate)
    #expect(shown.fault == nil)
  }

  @Test func theWholeChainIsReturnedInItsOrder() async throws {
    let authority = try makeAuthority()
    var settings = try TLSServerSettings(of: authority)
    settings.chain.append(authority.certificate)
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: authority)
    #expect(report.server?.chain == settings.chain)
    #expect(settings.chain.count == 2)
  }

  @Test(arguments: ["localhost", "127.0.0.1", "::1"])
  func anyNameOfTheCertificateWillDo(name: String) async throws {
    let authority = try makeAuthority()
    let server = try LoopbackServer(TLSServerSettings(of: authority))
    #expect(try await server.report(trusting: authority, as: name).outcome == .accepted)
  }

  @Test(arguments: ["other.example", "127.0.0.2"])
  func aWrongNameIsUntrustedAndTheCertificateKnown(name: String) async throws {
    let authority = try makeAuthority()
    let settings = try TLSServerSettings(of: authority)
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: authority, as: name)
    #expect(report.outcome.faultKind == .wrongName)
    #expect(report.server?.chain == settings.chain)
  }

  @Test func aForeignAuthorityIsUntrustedAndTheCertificateKnown() async throws {
    let authority = try makeAuthority()
    let settings = try TLSServerSettings(of: authority)
    let server = try LoopbackServer(settings)
    for stranger in [try makeAuthority("stranger"), try makeAuthority()] {
      let report = try await server.report(trusting: stranger)
      #expect(report.outcome.faultKind == .untrusted)
      #expect(report.server?.chain == settings.chain)
    }
  }

  @Test func timesAreJudgedAtTheDateGiven() async throws {
    let authority = try makeAuthority()
    let server = try LoopbackServer(TLSServerSettings(of: authority))
    #expect(try await server.report(trusting: authority, at: today + 366 * day).outcome.faultKind == .expired)
    #expect(try await server.report(trusting: authority, at: today - day).outcome.faultKind == .notYetValid)
  }

  @Test func withoutAuthoritiesTheDatesAloneCount() async throws {
    let server = try LoopbackServer(TLSServerSettings(of: makeAuthority()))
    func outcome(at date: Date) async throws -> TLSProbe.Outcome {
      let probe = try TLSProbe(
        serverName: "other.example",
        authorities: [],
        timeout: .seconds(120),
        answerTimeout: .seconds(120)
      )
      return try await probe.report(host: "127.0.0.1", port: server.port, at: date).outcome
    }
    #expect(try await outcome(at: today) == .accepted)
    #expect(try await outcome(at: today + 366 * day).faultKind == .expired)
    #expect(try await outcome(at: today - day).faultKind == .notYetValid)
  }

  @Test func aClientsCertificateDoesNotServe() async throws {
    let authority = try makeAuthority()
    let identity = try makeIdentity(.client, of: authority)
    let server = try LoopbackServer(TLSServerSettings(chain: identity.chain, key: identity.key))
    #expect(try await server.report(trusting: authority).outcome.faultKind == .wrongPurpose)
  }

  @Test func aServerThatWaitsForARequestGivesNoAnswer() async throws {
    let authority = try makeAuthority()
    var settings = try TLSServerSettings(of: authority)
    settings.answer = .nothing
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: authority, answerTimeout: .milliseconds(100))
    #expect(report.outcome == .noAnswer)
    #expect(report.server?.fault == nil)
    let untrusted = try await server.report(trusting: makeAuthority(), answerTimeout: .milliseconds(100))
    #expect(untrusted.outcome.faultKind == .untrusted)
  }

  @Test func aServerThatTakesLeaveHasRefusedNothing() async throws {
    let authority = try makeAuthority()
    var settings = try TLSServerSettings(of: authority)
    settings.answer = .leave
    let server = try LoopbackServer(settings)
    #expect(try await server.report(trusting: authority).outcome == .noAnswer)
  }

  @Test func aHandshakeOfTLS12NeedsNoFurtherAnswer() async throws {
    let authority = try makeAuthority()
    var settings = try TLSServerSettings(of: authority)
    settings.version = TLS1_2_VERSION
    settings.answer = .nothing
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: authority)
    #expect(report.outcome == .accepted)
    #expect(report.server?.version == .tls12)
  }

  @Test func aServerThatHangsUpAfterTheHandshakeHasClosed() async throws {
    let authority = try makeAuthority()
    var settings = try TLSServerSettings(of: authority)
    settings.answer = .hangUp
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: authority)
    #expect(report.outcome == .closed(.answer))
    #expect(report.server?.chain == settings.chain)
  }

  @Test func aNameIsSentAsSNIAndAnAddressIsNot() async throws {
    let authority = try makeAuthority()
    let settings = try TLSServerSettings(of: authority)
    let (visits, continuation) = AsyncStream.makeStream(of: (serverName: String?, wasOrderly: Bool)?.self)
    let server = try LoopbackServer { continuation.yield(try? TLSServerSession(settings).serve($0)) }
    var iterator = visits.makeAsyncIterator()
    for (name, expected) in [(servedName, servedName), ("127.0.0.1", nil)] as [(String, String?)] {
      #expect(try await server.report(trusting: authority, as: name).outcome == .accepted)
      let visit = try #require(await iterator.next() ?? nil)
      #expect(visit.serverName == expected)
      #expect(visit.wasOrderly)
    }
  }
}
