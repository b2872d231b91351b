import FlyingFox
import JSON
import Testing

@testable import Kubernetes

struct WatchStreamTests {
  private static let added =
    #"{"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"é🙂","resourceVersion":"5"}}}"# + "\n"
  private static let bookmark =
    #"{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"9"}}}"# + "\n"

  @Test("Events come one by one, cut anywhere, and the stream ends in order", arguments: [1, 3, 1000])
  func events(chunkSize: Int) async throws {
    let text = Array((Self.added + "\n" + Self.bookmark).utf8)
    let chunks = stride(from: 0, to: text.count, by: chunkSize).map {
      Array(text[$0..<min($0 + chunkSize, text.count)])
    }
    let events = try await Self.events(of: chunks)
    let pod = KubernetesObject(["kind": "Pod", "metadata": ["name": "é🙂", "resourceVersion": "5"]])
    #expect(events == [.added(pod), .bookmark(resourceVersion: "9")])
  }

  @Test("The request asks for bookmarks and an end, and names what to watch")
  func query() async throws {
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      #expect(request.path == "/api/v1/namespaces/n/pods")
      let query = Dictionary(uniqueKeysWithValues: request.query.map { ($0.name, $0.value) })
      let expected = [
        "watch": "true", "allowWatchBookmarks": "true", "resourceVersion": "7", "timeoutSeconds": "60",
        "labelSelector": "a=b,c in (d,e)",
      ]
      #expect(query == expected)
      return .chunks([])
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      let watch = try await client.watch(
        .pods,
        namespace: "n",
        resourceVersion: "7",
        labelSelector: "a=b,c in (d,e)",
        timeout: .seconds(60)
      )
      for try await _ in watch {}
    }
  }

  @Test("An ERROR event throws the server's Status")
  func errorEvent() async throws {
    let error =
      #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}"#
      + "\n"
    let status = await apiStatus { _ = try await Self.events(of: [Array((Self.added + error).utf8)]) }
    #expect(status?.isGone == true)
    #expect(status?.message == "too old resource version")
  }

  @Test("An error response throws the server's Status")
  func errorResponse() async throws {
    let text = #"{"kind":"Status","code":410,"reason":"Gone","message":"gone"}"#
    try await TestServer.run({ _ in .json(text, status: HTTPStatusCode(410, phrase: "Gone")) }) { server in
      let client = try KubernetesClient(server: server)
      let status = await apiStatus { _ = try await client.watch(.pods, namespace: nil, resourceVersion: "1") }
      #expect(status?.isGone == true)
      #expect(status?.reason == "Gone")
    }
  }

  @Test(
    "A line that is no event is a decoding error",
    arguments: [
      ("{\"type\":\n", "an event is not JSON"),
      ("\u{1}\u{2}\n", "an event is not JSON"),
      ("[]\n", "an event has no type or no object"),
      (#"{"type":"ADDED"}"# + "\n", "an event has no type or no object"),
      (#"{"type":"ADDED","object":3}"# + "\n", "an event has no type or no object"),
      (#"{"type":"NEW","object":{}}"# + "\n", "an event has the unknown type \"NEW\""),
      (#"{"type":"ADDED","object":{"#, "the stream ends inside an event"),
      (String(repeating: "x", count: 5000), "an event exceeds 4096 bytes"),
      (String(repeating: "x", count: 5000) + "\n", "an event exceeds 4096 bytes"),
    ]
  )
  func malformed(text: String, reason: String) async throws {
    await #expect(throws: KubernetesError.decoding(request: "WATCH /api/v1/pods", reason: reason)) {
      try await Self.events(of: [Array(text.utf8)])
    }
  }

  @Test("Nesting deep enough to break a parser is a decoding error")
  func deepNesting() async throws {
    let text = Array((String(repeating: "[", count: 4000) + "\n").utf8)
    await #expect(throws: KubernetesError.decoding(request: "WATCH /api/v1/pods", reason: "an event is not JSON")) {
      try await Self.events(of: [text])
    }
  }

  private static func events(of chunks: [[UInt8]]) async throws -> [WatchEvent] {
    try await TestServer.run({ _ in .chunks(chunks) }) { server in
      let client = try KubernetesClient(server: server)
      var events: [WatchEvent] = []
      for try await event in try await client.watch(.pods, namespace: nil, resourceVersion: "1", lineLimit: 4096) {
        events.append(event)
      }
      return events
    }
  }
}
