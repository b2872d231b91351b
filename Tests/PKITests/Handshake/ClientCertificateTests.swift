import COpenSSL
import Foundation
import PKI
import Testing

@Suite struct ClientCertificateTests {
  private let authority: CertificateAuthority
  private let settings: TLSServerSettings

  init() throws {
    authority = try makeAuthority()
    var settings = try TLSServerSettings(of: authority)
    settings.clientAuthorities = [authority.certificate]
    self.settings = settings
  }

  @Test func noCertificateIsRefusedAfterTheHandshake() async throws {
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: authority)
    #expect(report.outcome == .refused(.certificateRequired))
    let shown = try #require(report.server)
    #expect(shown.requestsClientCertificate)
    #expect(shown.chain == settings.chain)
    #expect(shown.fault == nil)
  }

  @Test(arguments: algorithms)
  func ourCertificateIsAccepted(algorithm: PrivateKey.Algorithm) async throws {
    let server = try LoopbackServer(settings)
    let identity = try makeIdentity(.client, of: authority, algorithm: algorithm)
    let report = try await server.report(trusting: authority, identity: identity)
    #expect(report.outcome == .accepted)
    #expect(report.server?.requestsClientCertificate == true)
  }

  @Test func theIntermediatesOfOurCertificateAreSent() async throws {
    let foreign = try ForeignChain()
    let middle = try CertificateAuthority(certificate: foreign.intermediate, key: foreign.intermediateKey)
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let leaf = try middle.issue(makeRequest(.client, validity: Validity(from: Date(), duration: day)), key: key)
    var settings = settings
    settings.clientAuthorities = [foreign.root]
    settings.date = Date()
    let server = try LoopbackServer(settings)
    let whole = try TLSIdentity(chain: [leaf, foreign.intermediate], key: key)
    #expect(try await server.report(trusting: authority, identity: whole).outcome == .accepted)
    let part = try TLSIdentity(chain: [leaf], key: key)
    #expect(try await server.report(trusting: authority, identity: part).outcome == .refused(.unknownAuthority))
  }

  @Test func aCertificateOfAForeignAuthorityIsRefused() async throws {
    let server = try LoopbackServer(settings)
    let identity = try makeIdentity(.client, of: makeAuthority("stranger"))
    let report = try await server.report(trusting: authority, identity: identity)
    #expect(report.outcome == .refused(.unknownAuthority))
    #expect(report.server?.fault == nil)
  }

  @Test func aServersCertificateIsRefusedAsAClients() async throws {
    let server = try LoopbackServer(settings)
    let identity = try makeIdentity(.server, of: authority)
    let outcome = try await server.report(trusting: authority, identity: identity).outcome
    #expect(outcome == .refused(.unsupportedCertificate))
  }

  @Test func aRefusalIsReportedEvenByAnUntrustedServer() async throws {
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: makeAuthority("stranger"))
    #expect(report.outcome == .refused(.certificateRequired))
    #expect(report.server?.fault?.kind == .untrusted)
  }

  @Test func inTLS12TheRefusalComesInTheHandshakeAndTheCertificateIsKnown() async throws {
    var settings = settings
    settings.version = TLS1_2_VERSION
    let server = try LoopbackServer(settings)
    let report = try await server.report(trusting: authority)
    #expect(report.outcome == .refused(.handshakeFailure))
    #expect(report.server?.requestsClientCertificate == true)
    #expect(report.server?.chain == settings.chain)
    let identity = try makeIdentity(.client, of: authority)
    #expect(try await server.report(trusting: authority, identity: identity).outcome == .accepted)
  }

  @Test func aKeyOfAnotherCertificateIsNoIdentity() throws {
    let identity = try makeIdentity(.client, of: authority)
    let other = try PrivateKey(generating: .ed25519)
    #expect(failure { try TLSIdentity(chain: identity.chain, key: other) }.contains("does not belong to CN="))
    #expect(failure { try TLSIdentity(chain: [], key: other) }.contains("no certificate"))
  }

  @Test func theAlertsAboutCertificatesAreToldFromOthers() {
    let about: [TLSAlert] = [.badCertificate, .unsupportedCertificate, .certificateExpired, .unknownAuthority]
    for alert in about + [.certificateRequired] { #expect(alert.concernsCertificate, "\(alert)") }
    let others: [TLSAlert] = [.handshakeFailure, .protocolVersion, .unrecognizedName, .noApplicationProtocol]
    for alert in others { #expect(!alert.concernsCertificate, "\(alert)") }
    #expect(TLSAlert.unknownAuthority.description == "unknown CA (48)")
    #expect(TLSAlert.certificateRequired.description == "certificate required (116)")
    #expect(TLSAlert(code: 200).description == "alert 200")
  }
}
