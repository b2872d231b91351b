import PKI
import Testing

@Suite struct ByteStreamTests {
  private struct Broken: Error {}

  /// Fails in reading.
  private struct BrokenStream: ByteStream {
    func read() async throws -> [UInt8] { throw Broken() }
    func write(_ bytes: [UInt8]) async throws {}
  }

  /// Takes everything and says nothing.
  private struct SilentStream: ByteStream {
    func read() async throws -> [UInt8] { try await untilCancelled() }
    func write(_ bytes: [UInt8]) async throws {}
  }

  /// Takes nothing.
  private struct FullStream: ByteStream {
    func read() async throws -> [UInt8] { try await untilCancelled() }
    func write(_ bytes: [UInt8]) async throws { try await untilCancelled() }
  }

  private let authority: CertificateAuthority

  init() throws {
    authority = try makeAuthority()
  }

  private func probe(identity: TLSIdentity? = nil, timeout: Duration = .seconds(120)) throws -> TLSProbe {
    try TLSProbe(
      serverName: servedName,
      authorities: [authority.certificate],
      identity: identity,
      timeout: timeout,
      answerTimeout: timeout
    )
  }

  @Test func aServerIsReachedByteByByteWithoutASocket() async throws {
    let settings = try TLSServerSettings(of: authority)
    let report = try await probe().report(over: MemoryServer(settings), at: today)
    #expect(report.outcome == .accepted)
    #expect(report.server?.chain == settings.chain)
  }

  @Test func aClientIsRefusedOrAcceptedByItsCertificate() async throws {
    var settings = try TLSServerSettings(of: authority)
    settings.clientAuthorities = [authority.certificate]
    let refusal = try await probe().report(over: MemoryServer(settings), at: today)
    #expect(refusal.outcome == .refused(.certificateRequired))
    let identity = try makeIdentity(.client, of: authority)
    let welcome = try await probe(identity: identity).report(over: MemoryServer(settings), at: today)
    #expect(welcome.outcome == .accepted)
  }

  @Test func aStreamThatStandsStillTimesOut() async throws {
    let probe = try probe(timeout: .milliseconds(100))
    for stream in [SilentStream(), FullStream()] as [any ByteStream] {
      let report = try await probe.report(over: stream, at: today)
      #expect(report == TLSProbe.Report(outcome: .timedOut(.handshake), server: nil))
    }
  }

  @Test func theStreamsOwnErrorIsTheCallers() async throws {
    let probe = try probe()
    await #expect(throws: Broken.self) { try await probe.report(over: BrokenStream(), at: today) }
  }
}
