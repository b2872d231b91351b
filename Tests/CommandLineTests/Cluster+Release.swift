import ClusterSimulator
import Foundation
import JSON

/// Text in the form of PEM.
enum PEM {
  static func text(of name: String) -> String {
    let kind = name.hasSuffix(".key") ? "PRIVATE KEY" : "CERTIFICATE"
    return "-----BEGIN \(kind)-----\nsecret of \(name)\n-----END \(kind)-----\n"
  }
}

extension Cluster {
  /// Makes a Milvus `my-release` with its MilvusTLS and the Secret `certs-client`, as the operator would leave them.
  /// - Parameters:
  ///   - mode: `status.external`; nil for a MilvusTLS that is not ready.
  ///   - milvus: its `spec`.
  ///   - keys: the keys of the Secret by file name; nil for these names.
  ///   - files: the keys of the Secret with the file that each holds; nil for no Secret.
  func putRelease(
    _ mode: String?,
    milvus: JSONValue = ["components": ["standalone": ["serviceRestfulPort": 8080]]],
    dnsNames: [String] = ["milvus.example.com", "*.default.svc"],
    clients: [String] = ["client"],
    keys: [String: String] = [:],
    files: [String: String]? = ["ca.pem": "ca.pem", "client.pem": "client.pem", "client.key": "client.key"]
  ) async throws {
    try await simulator.store.create([
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus",
      "metadata": ["name": "my-release", "namespace": "default"], "spec": milvus,
    ])
    var status: JSONValue = [
      "observedGeneration": 1,
      "certificate": [
        "secretName": "certs", "source": "Operator", "dnsNames": .array(dnsNames.map(JSONValue.string)),
      ],
      "clients": .array(clients.map { ["name": .string($0), "secretName": .string("certs-\($0)")] }),
    ]
    if let mode { status["external"] = .string(mode) } else { status["conditions"] = [Self.notReady] }
    try await put(milvusTLS: "my-release", status: status)
    guard let files else { return }
    let contents = files.map { (keys[$0.key] ?? $0.key, PEM.text(of: $0.value)) }
    try await put(secret: "certs-client", Dictionary(uniqueKeysWithValues: contents))
  }

  func put(secret name: String, _ contents: [String: String]) async throws {
    try await simulator.store.create([
      "apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(name), "namespace": "default"],
      "data": .object(contents.mapValues { .string(Data($0.utf8).base64EncodedString()) }),
    ])
  }

  private static var notReady: JSONValue {
    [
      "type": "Ready", "status": "False", "reason": "Conflict", "message": "two values", "observedGeneration": 1,
      "lastTransitionTime": "2026-11-22T00:00:00Z",
    ]
  }
}
