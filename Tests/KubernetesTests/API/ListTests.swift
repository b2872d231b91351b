import FlyingFox
import JSON
import Testing

@testable import Kubernetes

struct ListTests {
  @Test("A list gathers its pages and fills in what items lack")
  func pages() async throws {
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      #expect(request.query["limit"] == "2")
      switch request.query["continue"] {
      case nil: return .json(Self.page(["a", "b"], version: "10", token: "t/1=+"))
      case "t/1=+": return .json(Self.page(["c"], version: "10", token: nil))
      default: return .json("{}", status: .badRequest)
      }
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      let list = try await client.list(.secrets, namespace: "n", limit: 2)
      #expect(list.items.map(\.name) == ["a", "b", "c"])
      #expect(list.items.allSatisfy { $0.kind == "Secret" && $0.apiVersion == "v1" })
      #expect(list.resourceVersion == "10")
    }
  }

  @Test("A list whose moment the server forgot begins anew, once")
  func gone() async throws {
    let first = Counter()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      if request.query["continue"] == "old" { return .json("{}", status: HTTPStatusCode(410, phrase: "Gone")) }
      return .json(Self.page(["a"], version: "11", token: first.next() == 0 ? "old" : nil))
    }
    try await TestServer.run(handler) { server in
      let list = try await KubernetesClient(server: server).list(.secrets, namespace: nil)
      #expect(list.items.map(\.name) == ["a"])
      #expect(first.value == 2)
    }
    let always: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      .json("{}", status: HTTPStatusCode(410, phrase: "Gone"))
    }
    try await TestServer.run(always) { server in
      let status = await apiStatus { _ = try await KubernetesClient(server: server).list(.secrets, namespace: nil) }
      #expect(status?.isGone == true)
    }
  }

  @Test("No items come as null from a Go server, and anything else is a decoding error")
  func shapes() async throws {
    try await TestServer.run({ _ in .json(#"{"metadata": {"resourceVersion": "1"}, "items": null}"#) }) { server in
      let list = try await KubernetesClient(server: server).list(.secrets, namespace: nil)
      #expect(list == ObjectList(items: [], resourceVersion: "1"))
    }
    try await TestServer.run({ _ in .json(#"{"items": []}"#) }) { server in
      let client = try KubernetesClient(server: server)
      let error = KubernetesError.decoding(
        request: "GET /api/v1/secrets",
        reason: "the list has no items or no resourceVersion"
      )
      await #expect(throws: error) { try await client.list(.secrets, namespace: nil) }
    }
  }

  private static func page(_ names: [String], version: String, token: String?) -> String {
    let items = names.map { "{\"metadata\": {\"name\": \"\($0)\"}}" }.joined(separator: ",")
    return
      "{\"metadata\": {\"resourceVersion\": \"\(version)\", \"continue\": \"\(token ?? "")\"}, \"items\": [\(items)]}"
  }
}
