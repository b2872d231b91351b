import FlyingFox
import Testing

@testable import Kubernetes

struct APIStatusTests {
  @Test("A Status keeps reason, message, code, causes and the time to wait")
  func status() async throws {
    let body = """
      {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 422, "reason": "Invalid", "message": "spec is invalid",
       "details": {"retryAfterSeconds": 3, "causes": [{"reason": "FieldValueInvalid", "message": "must be set", "field": "spec.a"}]}}
      """
    let status = try await Self.status(of: .json(body, status: HTTPStatusCode(422, phrase: "x")))
    #expect(status?.code == 422)
    #expect(status?.reason == "Invalid")
    #expect(status?.message == "spec is invalid")
    #expect(status?.causes == [.init(field: "spec.a", reason: "FieldValueInvalid", message: "must be set")])
    #expect(status?.retryAfter == .seconds(3))
    #expect(status?.request == "GET /version")
    #expect(status?.description == "GET /version: Invalid (422): spec is invalid")
  }

  @Test("Retry-After counts before the body's word")
  func retryAfter() async throws {
    let body = #"{"kind": "Status", "reason": "TooManyRequests", "details": {"retryAfterSeconds": 3}}"#
    let status = try await Self.status(
      of: .json(body, status: .tooManyRequests, headers: [HTTPHeader("Retry-After"): "12"])
    )
    #expect(status?.retryAfter == .seconds(12))
  }

  @Test(
    "A body that is no Status still says what happened, in one line of limited length",
    arguments: [
      (
        503, "<html>\n  <body>Bad   gateway</body>\n</html>", "ServiceUnavailable",
        "<html> <body>Bad gateway</body> </html>"
      ),
      (404, "", "NotFound", "the response has no body"),
      (409, "{\"a\": 1}", "Conflict", "{\"a\": 1}"),
      (418, String(repeating: "x", count: 2000), "Unknown", String(repeating: "x", count: 256) + "..."),
    ]
  )
  func proxyBody(code: Int, body: String, reason: String, message: String) async throws {
    let status = try await Self.status(of: .json(body, status: HTTPStatusCode(code, phrase: "x")))
    #expect(status?.code == code)
    #expect(status?.reason == reason)
    #expect(status?.message == message)
    #expect(status?.causes == [])
    #expect(status?.retryAfter == nil)
  }

  @Test("AlreadyExists is no conflict")
  func alreadyExists() async throws {
    let body = #"{"kind": "Status", "code": 409, "reason": "AlreadyExists", "message": "x"}"#
    let status = try await Self.status(of: .json(body, status: HTTPStatusCode(409, phrase: "x")))
    #expect(status?.isAlreadyExists == true)
    #expect(status?.isConflict == false)
  }

  @Test("A good answer that is no JSON is a decoding error")
  func noJSON() async throws {
    try await TestServer.run({ _ in .json("<html>") }) { server in
      let client = try KubernetesClient(server: server)
      let error = await #expect(throws: KubernetesError.self) { try await client.version() }
      guard case .decoding(let request, _) = error else {
        Issue.record("\(String(describing: error)) is no decoding error")
        return
      }
      #expect(request == "GET /version")
    }
  }

  private static func status(of response: HTTPResponse) async throws -> APIStatus? {
    try await TestServer.run({ _ in response }) { server in
      // Shorter than the wait that a test has the server ask for.
      let client = try KubernetesClient(server: server, requestTimeout: .seconds(11))
      return await apiStatus { _ = try await client.version() }
    }
  }
}
