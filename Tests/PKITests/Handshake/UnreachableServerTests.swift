import Foundation
import PKI
import Testing

@Suite struct UnreachableServerTests {
  private let authority: CertificateAuthority

  init() throws {
    authority = try makeAuthority()
  }

  private func report(
    host: String = "127.0.0.1",
    port: UInt16,
    timeout: Duration = .seconds(120)
  ) async throws -> TLSProbe.Report {
    let probe = try TLSProbe(serverName: servedName, authorities: [authority.certificate], timeout: timeout)
    return try await probe.report(host: host, port: port, at: today)
  }

  private func send(_ bytes: [UInt8], _ descriptor: Int32) {
    _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func aPortWithoutListenerRefuses(host: String) async throws {
    let socket = try BoundSocket(host)
    let report = try await report(host: host, port: socket.port)
    #expect(report == TLSProbe.Report(outcome: .connectionRefused, server: nil))
  }

  @Test(arguments: ["::1", "0:0:0:0:0:0:0:1"])
  func anIPv6LiteralIsReached(host: String) async throws {
    let server = try LoopbackServer(TLSServerSettings(of: authority), on: "::1")
    #expect(try await server.report(trusting: authority, host: host).outcome == .accepted)
  }

  @Test func aNameIsResolved() async throws {
    let server = try LoopbackServer(TLSServerSettings(of: authority))
    #expect(try await server.report(trusting: authority, host: "localhost").outcome == .accepted)
  }

  // Names that no resolver needs the network for.
  @Test(arguments: ["", "a\0b", String(repeating: "a", count: 64) + ".invalid"])
  func aHostThatCannotBeIsUnresolved(host: String) async throws {
    let outcome = try await report(host: host, port: 1).outcome
    guard case .unresolved(let reason) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(!reason.isEmpty)
  }

  // HTTP/1.1, HTTP/2 and a greeting.
  @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\u{6}\u{4}\0\0\0\0\0", "220 mail.example\r\n"])
  func aPlaintextServerIsNotTLS(answer: String) async throws {
    let server = try LoopbackServer { descriptor in
      send(Array(answer.utf8), descriptor)
      LoopbackServer.readToEnd(descriptor)
    }
    #expect(try await report(port: server.port) == TLSProbe.Report(outcome: .notTLS, server: nil))
  }

  @Test func whatOnlyBeginsLikeTLSFails() async throws {
    let server = try LoopbackServer { descriptor in
      send([22] + Array("nonsense".utf8), descriptor)
      LoopbackServer.readToEnd(descriptor)
    }
    let outcome = try await report(port: server.port).outcome
    guard case .failed(let reason) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(reason.contains("wrong version number"))
  }

  @Test func anAlertInPlaceOfAHelloIsARefusal() async throws {
    let server = try LoopbackServer { descriptor in
      send([21, 3, 3, 0, 2, 2, 70], descriptor)
      LoopbackServer.readToEnd(descriptor)
    }
    #expect(try await report(port: server.port).outcome == .refused(.protocolVersion))
  }

  @Test func aServerThatClosesAtOnceHasClosed() async throws {
    let server = try LoopbackServer { _ in }
    #expect(try await report(port: server.port) == TLSProbe.Report(outcome: .closed(.handshake), server: nil))
  }

  @Test func aSilentServerTimesOutInTheHandshake() async throws {
    let server = try LoopbackServer(serve: LoopbackServer.readToEnd)
    var report = TLSProbe.Report(outcome: .notTLS, server: nil)
    // A busy machine can use up a short time before the connection is made.
    for timeout in [0.2, 2, 20] where report.outcome != .timedOut(.handshake) {
      report = try await self.report(port: server.port, timeout: .seconds(timeout))
    }
    #expect(report == TLSProbe.Report(outcome: .timedOut(.handshake), server: nil))
  }

  @Test func aServerThatDoesNotTakeTheConnectionTimesOutInTheConnection() async throws {
    let socket = try BoundSocket()
    try socket.listenWithFullQueue()
    let report = try await report(port: socket.port, timeout: .milliseconds(200))
    #expect(report == TLSProbe.Report(outcome: .timedOut(.connection), server: nil))
  }

  @Test func cancellationInMidHandshakeEndsAtOnceAndClosesTheConnection() async throws {
    let (events, continuation) = AsyncStream.makeStream(of: String.self)
    let server = try LoopbackServer { descriptor in
      var byte: UInt8 = 0
      recv(descriptor, &byte, 1, 0)
      continuation.yield("began")
      LoopbackServer.readToEnd(descriptor)
      continuation.yield("ended")
    }
    var iterator = events.makeAsyncIterator()
    let probe = Task { try await report(port: server.port, timeout: .seconds(600)) }
    #expect(await iterator.next() == "began")
    let start = ContinuousClock.now
    probe.cancel()
    await #expect(throws: CancellationError.self) { try await probe.value }
    #expect(await iterator.next() == "ended")
    #expect(ContinuousClock.now - start < .seconds(120))
  }

  @Test func aQuestionWithoutAnswerIsAnError() {
    for name in ["", "*.example.com", "a b", ".example.com"] {
      let text = failure { try TLSProbe(serverName: name, authorities: [authority.certificate]) }
      #expect(text.contains("is not a DNS name or IP address"))
    }
  }
}
