import FlyingFox
import Foundation
import Synchronization
import Testing

import enum JSON.JSONValue

@testable import Kubernetes

struct RequestTests {
  /// What the server saw of a request.
  private struct Seen: Equatable {
    var line: String
    var contentType: String?
    var body: JSONValue?
  }

  @Test("Each write has its method, content type, field manager and body")
  func writes() async throws {
    let name = "certs"
    let object = KubernetesObject(.secrets, namespace: "n", name: name)
    let path = "/api/v1/namespaces/n/secrets"
    try await Self.expect(Seen(line: "POST \(path) fieldManager=m", contentType: "application/json", body: object.json))
    {
      _ = try await $0.create(object, as: .secrets, namespace: "n")
    }
    let update = Seen(
      line: "PUT \(path)/certs/status fieldManager=m",
      contentType: "application/json",
      body: object.json
    )
    try await Self.expect(update) {
      _ = try await $0.update(object, as: .secrets, namespace: "n", subresource: "status")
    }
    let merge = Seen(
      line: "PATCH \(path)/certs fieldManager=m",
      contentType: "application/merge-patch+json",
      body: ["a": .null]
    )
    try await Self.expect(merge) {
      _ = try await $0.mergePatch(.secrets, namespace: "n", name: name, patch: ["a": .null])
    }
    let json = Seen(
      line: "PATCH \(path)/certs fieldManager=m",
      contentType: "application/json-patch+json",
      body: [["op": "remove", "path": "/a"]]
    )
    try await Self.expect(json) {
      _ = try await $0.jsonPatch(.secrets, namespace: "n", name: name, operations: [["op": "remove", "path": "/a"]])
    }
    let apply = Seen(
      line: "PATCH \(path)/certs fieldManager=other force=true",
      contentType: "application/apply-patch+yaml",
      body: object.json
    )
    try await Self.expect(apply) {
      _ = try await $0.apply(
        .secrets,
        namespace: "n",
        name: name,
        object: object.json,
        fieldManager: "other",
        force: true
      )
    }
  }

  @Test("A delete carries its preconditions")
  func delete() async throws {
    let body: JSONValue = [
      "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
      "preconditions": ["uid": "u", "resourceVersion": "3"],
    ]
    let seen = Seen(line: "DELETE /api/v1/namespaces/n/secrets/x ", contentType: "application/json", body: body)
    try await Self.expect(seen) {
      try await $0.delete(.secrets, namespace: "n", name: "x", uid: "u", resourceVersion: "3")
    }
  }

  @Test("Logs ask for their container and their limits")
  func logs() async throws {
    let line = "GET /api/v1/namespaces/n/pods/p/log container=c follow=true limitBytes=10 previous=true tailLines=5"
    try await Self.expect(Seen(line: line)) {
      _ = try await $0.logs(
        namespace: "n",
        pod: "p",
        container: "c",
        follow: true,
        previous: true,
        tailLines: 5,
        limitBytes: 10
      )
    }
  }

  private static func expect(
    _ expected: Seen,
    sourceLocation: SourceLocation = #_sourceLocation,
    of call: (KubernetesClient) async throws -> Void
  ) async throws {
    let seen = Mutex<Seen?>(nil)
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      let body = try await request.bodyData
      let query = request.query.map { "\($0.name)=\($0.value)" }.sorted().joined(separator: " ")
      let separator = request.query.isEmpty && request.method != .DELETE ? "" : " "
      let value = Seen(
        line: "\(request.method.rawValue) \(request.path)\(separator)\(query)",
        contentType: request.headers[.contentType],
        body: body.isEmpty ? nil : try JSONValue(parsing: body)
      )
      seen.withLock { $0 = value }
      return .json("{}")
    }
    try await TestServer.run(handler) { server in
      try await call(KubernetesClient(configuration: .plain(server: server), fieldManager: "m"))
    }
    #expect(seen.withLock { $0 } == expected, sourceLocation: sourceLocation)
  }
}
