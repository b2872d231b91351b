import Foundation
import PKI
import Testing

@Suite struct PlaintextProbeTests {
  private let probe = PlaintextProbe(timeout: .seconds(120), answerTimeout: .seconds(60))

  private func answer(to port: UInt16) async throws -> PlaintextProbe.Answer {
    try await probe.answer(host: "127.0.0.1", port: port)
  }

  private func server(sending answer: [UInt8], closes: Bool = false) throws -> LoopbackServer {
    try LoopbackServer { descriptor in
      _ = Foundation.send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL))
      if closes { shutdown(descriptor, Int32(SHUT_WR)) }
      LoopbackServer.readToEnd(descriptor)
    }
  }

  @Test func aServerWithTLSIsTLS() async throws {
    let authority = try makeAuthority()
    let server = try LoopbackServer(TLSServerSettings(of: authority))
    // OpenSSL answers with an alert or closes the connection.
    #expect([.tls, .silent].contains(try await answer(to: server.port)))
  }

  @Test func anAlertIsTLS() async throws {
    let server = try server(sending: [21, 3, 1, 0, 2, 2, 10])
    #expect(try await answer(to: server.port) == .tls)
  }

  @Test(arguments: ["Client sent an HTTP request to an HTTPS server.", "The plain HTTP request was sent to HTTPS port"])
  func anHTTPSServerThatAnswersPlainHTTPIsTLS(body: String) async throws {
    let server = try server(sending: Array("HTTP/1.0 400 Bad Request\r\n\r\n\(body)\n".utf8), closes: true)
    #expect(try await answer(to: server.port) == .tls)
  }

  @Test func settingsAreHTTP2() async throws {
    let server = try server(sending: [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100])
    #expect(try await answer(to: server.port) == .http2)
  }

  @Test(arguments: ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n"])
  func aStatusLineIsHTTP(answer text: String) async throws {
    let server = try server(sending: Array(text.utf8))
    #expect(try await answer(to: server.port) == .http)
  }

  @Test func aBadRequestWithoutWordOfHTTPSIsHTTP() async throws {
    let server = try server(sending: Array("HTTP/1.1 400 Bad Request\r\n\r\nno".utf8), closes: true)
    #expect(try await answer(to: server.port) == .http)
  }

  @Test func aGreetingIsAnotherProtocol() async throws {
    let server = try server(sending: Array("220 mail.example ESMTP\r\n".utf8))
    #expect(try await answer(to: server.port) == .other)
  }

  @Test func aServerThatClosesIsSilent() async throws {
    let server = try LoopbackServer { _ in }
    #expect(try await answer(to: server.port) == .silent)
  }

  @Test func aServerThatWaitsIsSilent() async throws {
    let server = try LoopbackServer(serve: LoopbackServer.readToEnd)
    let probe = PlaintextProbe(timeout: .seconds(120), answerTimeout: .milliseconds(50))
    #expect(try await probe.answer(host: "127.0.0.1", port: server.port) == .silent)
  }

  @Test func aPartOfAnAnswerCountsWhenTheTimeIsOver() async throws {
    let server = try server(sending: Array("HTTP/1.1 400 Bad Request\r\n".utf8))
    let probe = PlaintextProbe(timeout: .seconds(120), answerTimeout: .milliseconds(500))
    #expect(try await probe.answer(host: "127.0.0.1", port: server.port) == .http)
  }

  @Test func aPortWithoutListenerIsUnreachable() async throws {
    let socket = try BoundSocket()
    #expect(try await answer(to: socket.port) == .unreachable("Connection refused"))
  }

  @Test func aGETHasNoCredentialsAndGivesTheStatus() async throws {
    let (requests, continuation) = AsyncStream.makeStream(of: String.self)
    let server = try LoopbackServer { descriptor in
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      continuation.yield(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self))
      let answer = Array("HTTP/1.1 401 Unauthorized\r\n\r\n".utf8)
      _ = Foundation.send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL))
      LoopbackServer.readToEnd(descriptor)
    }
    let status = try await probe.status(of: "/api/v1/collections", host: "127.0.0.1", port: server.port)
    #expect(status == 401)
    var iterator = requests.makeAsyncIterator()
    let request = await iterator.next()
    let expected =
      "GET /api/v1/collections HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    #expect(request == expected)
  }

  @Test func whatIsNotHTTPHasNoStatus() async throws {
    let server = try server(sending: Array("220 mail.example ESMTP\r\n".utf8))
    #expect(try await probe.status(of: "/", host: "127.0.0.1", port: server.port) == nil)
  }
}
