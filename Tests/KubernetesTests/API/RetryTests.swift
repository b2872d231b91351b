import FlyingFox
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct RetryTests {
  private static let object = KubernetesObject(.secrets, namespace: "n", name: "x")

  @Test("A read is tried again after what may pass", arguments: [429, 500, 502, 503, 504])
  func read(status: Int) async throws {
    let tries = Counter()
    try await TestServer.run(Self.failing(status, times: 2, tries)) { server in
      let client = try KubernetesClient(server: server)
      #expect(try await client.get(.secrets, namespace: "n", name: "x").json == [:])
      #expect(tries.value == 3)
    }
  }

  @Test("A list and the start of a watch are reads", arguments: [true, false])
  func streams(isWatch: Bool) async throws {
    let tries = Counter()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      if tries.next() == 0 { return .json("{}", status: .internalServerError) }
      return isWatch ? .chunks([]) : .json(#"{"metadata": {"resourceVersion": "1"}, "items": []}"#)
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      if isWatch {
        for try await _ in try await client.watch(.pods, namespace: nil, resourceVersion: "1") {}
      } else {
        #expect(try await client.list(.pods, namespace: nil).resourceVersion == "1")
      }
      #expect(tries.value == 2)
    }
  }

  @Test("An error that stays comes after four tries, and after ten where the server asks to come back")
  func bounded() async throws {
    let tries = Counter()
    try await TestServer.run(Self.failing(503, times: .max, tries)) { server in
      let status = await apiStatus { _ = try await KubernetesClient(server: server).version() }
      #expect(status?.code == 503)
      #expect(tries.value == 4)
    }
    let status = APIStatus([:], code: 503, retryAfter: .seconds(2), request: "")
    let ninth = try #require(RetryRule.wait(after: .api(status), isWrite: true, tries: 9))
    #expect((.seconds(2)...(.seconds(7))).contains(ninth))
    #expect(RetryRule.wait(after: .api(status), isWrite: true, tries: 10) == nil)
  }

  @Test("What cannot pass is not tried again", arguments: [400, 401, 403, 404, 409, 410, 422, 501])
  func lasting(code: Int) async throws {
    let tries = Counter()
    try await TestServer.run(Self.failing(code, times: .max, tries)) { server in
      let status = await apiStatus { _ = try await KubernetesClient(server: server).version() }
      #expect(status?.code == code)
      #expect(tries.value == 1)
    }
  }

  @Test(
    "A write is tried again only where the server says that it turned it away",
    arguments: [
      (429, nil, 2), (429, "0", 2), (503, "0", 2), (503, nil, 1), (500, "0", 1), (502, "0", 1), (504, "0", 1),
    ]
  )
  func write(status: Int, retryAfter: String?, expected: Int) async throws {
    let tries = Counter()
    let headers = retryAfter.map { HTTPHeaders([HTTPHeader("Retry-After"): $0]) } ?? HTTPHeaders()
    try await TestServer.run(Self.failing(status, times: 1, tries, headers: headers)) { server in
      let client = try KubernetesClient(server: server)
      let error = await apiStatus { _ = try await client.create(Self.object, as: .secrets, namespace: "n") }
      #expect(error?.code == (expected == 1 ? status : nil))
      #expect(tries.value == expected)
    }
  }

  @Test("Retry-After is waited for")
  func retryAfter() async throws {
    let tries = Counter()
    try await TestServer.run(Self.failing(429, times: 1, tries, headers: HTTPHeaders([HTTPHeader("Retry-After"): "1"])))
    { server in
      let client = try KubernetesClient(server: server)
      let taken = try await ContinuousClock().measure { _ = try await client.version() }
      #expect(taken >= .seconds(1))
      #expect(tries.value == 2)
    }
  }

  @Test("A wait past the deadline is the caller's to make")
  func pastDeadline() async throws {
    let tries = Counter()
    try await TestServer.run(
      Self.failing(429, times: .max, tries, headers: HTTPHeaders([HTTPHeader("Retry-After"): "3600"]))
    ) { server in
      let status = await apiStatus { _ = try await KubernetesClient(server: server).version() }
      #expect(status?.retryAfter == .seconds(3600))
      #expect(tries.value == 1)
    }
  }

  @Test("A wait between tries ends with its task")
  func cancelled() async throws {
    let tries = Counter()
    try await TestServer.run(
      Self.failing(429, times: .max, tries, headers: HTTPHeaders([HTTPHeader("Retry-After"): "20"]))
    ) { server in
      let client = try KubernetesClient(server: server)
      let task = Task { try await client.version() }
      try await eventually { tries.value == 1 }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test(
    "A write whose answer is lost goes out once, on a connection used before as on a new one",
    arguments: [true, false]
  )
  func lostAnswer(isWarm: Bool) async throws {
    let server = try ScriptedServer(answers: isWarm ? [.json, .close] : [.close])
    let client = try KubernetesClient(server: "http://127.0.0.1:\(server.port)")
    if isWarm { _ = try await client.version() }
    let reason = await transportError { _ = try await client.create(Self.object, as: .secrets, namespace: "n") }
    #expect(reason == .connectionLost)
    #expect(server.requests.count { $0.hasPrefix("POST ") } == 1)
  }

  @Test("A read whose answer is lost is asked again")
  func lostRead() async throws {
    let server = try ScriptedServer(answers: [.close, .close, .json])
    let client = try KubernetesClient(server: "http://127.0.0.1:\(server.port)")
    #expect(try await client.version() == [:])
    #expect(server.requests.count == 3)
  }

  @Test("A write that could not be sent waits for the server")
  func refused() async throws {
    let closed = try await TestServer.run({ _ in .json("{}") }) { $0 }
    let client = try KubernetesClient(server: closed)
    try await eventually {
      let reason = await transportError { _ = try await client.create(Self.object, as: .secrets, namespace: "n") }
      return reason == .cannotConnect
    }
    for isWrite in [true, false] {
      let error = KubernetesError.transport(TransportError(reason: .cannotConnect, request: "", detail: ""))
      #expect(RetryRule.wait(after: error, isWrite: isWrite, tries: 3) != nil)
      #expect(RetryRule.wait(after: error, isWrite: isWrite, tries: 4) == nil)
    }
  }

  private static func failing(
    _ status: Int,
    times: Int,
    _ tries: Counter,
    headers: HTTPHeaders = [:]
  ) -> @Sendable (HTTPRequest) async throws -> HTTPResponse {
    { _ in
      guard tries.next() < times else { return .json("{}") }
      return .json("{}", status: HTTPStatusCode(status, phrase: "Failed"), headers: headers)
    }
  }
}
