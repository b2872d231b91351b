import ClusterSimulator
import Foundation
import JSON
import PKI
import TestSupport
import Testing

/// A simulated cluster whose pods listen, with a Milvus in it.
struct ListeningPods: Sendable {
  static let address = ObjectAddress(.milvuses, namespace: "default", name: "m")
  static let secret = ObjectAddress(.secrets, namespace: "default", name: "certs")

  let cluster: Cluster

  /// Runs a test with a Milvus that has come up.
  /// - Parameter files: what its Secret holds, mounted at `/certs`.
  static func run(
    _ configuration: JSONValue,
    files: [String: String] = [:],
    mode: JSONValue = "standalone",
    waits: Bool = true,
    _ body: (ListeningPods) async throws -> Void
  ) async throws {
    try await Cluster.run(milvus: true, ClusterSimulator.Options(podsListen: true)) { cluster in
      try await cluster.simulator.store.create(Sample.secret("certs", files))
      try await cluster.simulator.store.create(milvus("m", configuration, mode: mode))
      let pods = ListeningPods(cluster: cluster)
      if waits { try await pods.waitForRollout() }
      try await body(pods)
    }
  }

  static func milvus(_ name: String, _ configuration: JSONValue, mode: JSONValue = "standalone") -> JSONValue {
    [
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": ["name": .string(name)],
      "spec": [
        "mode": mode, "config": configuration,
        "components": [
          "image": "milvusdb/milvus:v2.5.4",
          "volumes": [["name": "certs", "secret": ["secretName": "certs"]]],
          "volumeMounts": [["name": "certs", "mountPath": "/certs", "readOnly": true]],
        ],
      ],
    ]
  }

  /// A configuration with TLS for clients, for peers, or both.
  static func tls(mode: Int = 0, isInternal: Bool = false, proxy: JSONValue = [:]) -> JSONValue {
    let paths: JSONValue = [
      "serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem",
    ]
    return [
      "common": ["security": ["tlsMode": .integer(mode), "internaltlsEnabled": .bool(isInternal)]],
      "tls": paths, "internaltls": paths, "proxy": proxy,
    ]
  }

  func waitForRollout(of name: String = "m") async throws {
    let store = cluster.simulator.store
    try await cluster.eventually("\(name) is through") {
      let milvus = await store.object(.milvuses, name: name)
      return milvus?[path: "status", "observedGeneration"] == milvus?[path: "metadata", "generation"]
        && milvus?[path: "status", "conditions"]?.array?.contains {
          $0["type"] == "MilvusUpdated" && $0["status"] == "True"
        } == true
    }
  }

  func all() async -> [JSONValue] { await cluster.simulator.store.list(.pods) }

  /// The address of the one pod of a standalone.
  func podIP() async throws -> String {
    try #require(await all().first { $0[path: "status", "podIP"] != nil }?[path: "status", "podIP"]?.string)
  }
}

/// What a port shows to a client that trusts an authority.
func probe(
  _ host: String,
  _ port: UInt16,
  trusting authority: CertificateAuthority,
  as identity: TLSIdentity? = nil,
  answerTimeout: Duration = .seconds(60)
) async throws -> TLSProbe.Report {
  let probe = try TLSProbe(
    serverName: MilvusCertificates.serverName,
    authorities: [authority.certificate],
    identity: identity,
    timeout: .seconds(60),
    answerTimeout: answerTimeout
  )
  return try await probe.report(host: host, port: port, at: Date())
}
