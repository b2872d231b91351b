import FlyingFox
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct ListStreamTests {
  private static let pod = #"{"metadata": {"name": "a"}}"#

  @Test("Objects come while their page does, the version at the end, and pages follow each other")
  func order() async throws {
    let rest = Gate()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      guard request.query["continue"] == nil else {
        #expect(request.query["resourceVersion"] == nil)
        return .json(#"{"metadata": {"resourceVersion": "8"}, "items": [{"metadata": {"name": "c"}}]}"#)
      }
      #expect(request.query["resourceVersion"] == "0")
      let part = Counter()
      return .chunks(
        ChunkProducer {
          switch part.next() {
          case 0: return Array(#"{"items": [\#(Self.pod), {"metadata"#.utf8)
          case 1:
            await rest.wait()
            return Array(#"": {"name": "b"}}], "metadata": {"resourceVersion": "7", "continue": "t"}}"#.utf8)
          default: return nil
          }
        }
      )
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      var events = client.objects(.pods, namespace: nil, resourceVersion: "0").makeAsyncIterator()
      #expect(try await Self.name(events.next()) == "a")
      rest.open()
      #expect(try await Self.name(events.next()) == "b")
      #expect(try await Self.name(events.next()) == "c")
      #expect(try await events.next() == .complete(resourceVersion: "8"))
      #expect(try await events.next() == nil)
    }
  }

  @Test("A reader that stops holds the server back")
  func backPressure() async throws {
    let sent = Counter()
    let item = #"{"metadata": {"name": "a"}, "x": "\#(String(repeating: "x", count: 60 << 10))"},"#
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      guard request.path.hasSuffix("/pods") else { return .json("{}") }
      return .chunks(
        ChunkProducer {
          switch sent.next() {
          case 0: Array(#"{"metadata": {"resourceVersion": "7"}, "items": ["#.utf8)
          case 1...1500: Array(item.utf8)
          case 1501: Array("\(Self.pod)]}".utf8)
          default: nil
          }
        }
      )
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      var events = client.objects(.pods, namespace: nil).makeAsyncIterator()
      #expect(try await Self.name(events.next()) == "a")
      try await eventually(within: .seconds(30)) {
        let before = sent.value
        for _ in 0..<50 { _ = try await client.version() }
        return sent.value == before
      }
      #expect(sent.value < 400, "of 1500 items, the socket buffers' worth")
      var count = 1
      while case .object = try await events.next() { count += 1 }
      #expect(count == 1501)
    }
  }

  @Test(
    "A list that breaks off, or is none, gives its objects and then an error",
    arguments: [
      (#"{"items": [{"metadata": {"name": "a"}}, {"metadata"#, "the list is incomplete"),
      (#"{"items": [{"metadata": {"name": "a"}}, {metadata}]}"#, "an item is not JSON"),
      (#"{"items": [{"metadata": {"name": "a"}}, 3]}"#, "an item is not an object"),
      (#"{"items": [{"metadata": {"name": "a"}}], "metadata": {}}"#, "the list has no items or no resourceVersion"),
      (#"{"items": [{"metadata": {"name": "a"}}], metadata: {}}"#, "the list is not JSON"),
    ]
  )
  func malformed(text: String, reason: String) async throws {
    try await TestServer.run({ _ in .json(text) }) { server in
      var events = try KubernetesClient(server: server).objects(.pods, namespace: nil).makeAsyncIterator()
      #expect(try await Self.name(events.next()) == "a")
      await #expect(throws: KubernetesError.decoding(request: "GET /api/v1/pods", reason: reason)) {
        try await events.next()
      }
    }
  }

  @Test("An item without end is refused before it fills the memory")
  func endless() async throws {
    let sent = Counter()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      .chunks(
        ChunkProducer {
          sent.next() == 0 ? Array(#"{"items": [{"a": ""#.utf8) : [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        }
      )
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      let reason = "an item exceeds \(16 << 20) bytes"
      await #expect(throws: KubernetesError.decoding(request: "GET /api/v1/pods", reason: reason)) {
        for try await _ in client.objects(.pods, namespace: nil) {}
      }
      #expect(sent.value < 40)
    }
  }

  @Test("A single answer without end is refused before it fills the memory")
  func endlessObject() async throws {
    let sent = Counter()
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { _ in
      .chunks(
        ChunkProducer {
          sent.next()
          return [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        }
      )
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      let reason = await transportError { _ = try await client.get(.pods, namespace: "n", name: "p") }
      #expect(reason == .responseTooLarge)
      #expect(sent.value < 40)
    }
  }

  @Test("Metadata alone is asked for by its media type, for a list and for a watch")
  func metadataOnly() async throws {
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      let isWatch = request.query["watch"] == "true"
      let kind = isWatch ? "PartialObjectMetadata" : "PartialObjectMetadataList"
      #expect(
        request.headers[HTTPHeader("Accept")] == "application/json;as=\(kind);g=meta.k8s.io;v=v1,application/json"
      )
      return .json(
        isWatch
          ? #"{"type": "ADDED", "object": {"kind": "PartialObjectMetadata", "metadata": {"name": "a"}}}"# + "\n"
          : #"{"metadata": {"resourceVersion": "7"}, "items": [\#(Self.pod)]}"#
      )
    }
    try await TestServer.run(handler) { server in
      let client = try KubernetesClient(server: server)
      let pod = KubernetesObject(["apiVersion": "v1", "kind": "Pod", "metadata": ["name": "a"]])
      #expect(try await client.list(.pods, namespace: nil, metadataOnly: true).items == [pod])
      for try await event in try await client.watch(.pods, namespace: nil, resourceVersion: "7", metadataOnly: true) {
        #expect(event == .added(pod))
      }
    }
  }

  private static func name(_ event: ListEvent?) -> String? {
    if case .object(let object) = event { object.name } else { nil }
  }
}
