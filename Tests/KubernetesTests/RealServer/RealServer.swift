import Foundation
import JSON
import Testing

@testable import Kubernetes

/// The API server that scripts/with-apiserver.sh runs around the tests.
struct RealServer {
  struct Missing: Error, CustomStringConvertible {
    let description = "TEST_KUBECONFIG is not set: run these tests through scripts/with-apiserver.sh"
  }

  let kubeconfig: String
  let folder: String
  let etcd: String

  init() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let kubeconfig = environment["TEST_KUBECONFIG"], let folder = environment["TEST_KUBERNETES"],
      let etcd = environment["TEST_ETCD"]
    else {
      throw Missing()
    }
    self.kubeconfig = kubeconfig
    self.folder = folder
    self.etcd = etcd
  }

  var client: KubernetesClient {
    get throws { KubernetesClient(configuration: try .kubeconfig(paths: [kubeconfig])) }
  }

  var server: String {
    get throws { try ClusterConfiguration.kubeconfig(paths: [kubeconfig]).server }
  }

  var port: UInt16 {
    get throws { UInt16(try ClusterConfiguration.kubeconfig(paths: [kubeconfig]).address.port) }
  }

  /// A client for a kubeconfig of the server with other members.
  func client(cluster: [String: JSONValue], user: [String: JSONValue], in temporary: TemporaryFolder) throws
    -> KubernetesClient
  {
    let cluster = try ["server": JSONValue.string(server)].merging(cluster) { $1 }
    let config: JSONValue = [
      "current-context": "x",
      "clusters": [["name": "c", "cluster": .object(cluster)]],
      "users": [["name": "u", "user": .object(user)]],
      "contexts": [["name": "x", "context": ["cluster": "c", "user": "u"]]],
    ]
    let path = try temporary.write(config.description, to: "config")
    return KubernetesClient(configuration: try .kubeconfig(paths: [path]))
  }

  /// Makes etcd forget all that was before now, as it does every five minutes.
  func compact() async throws {
    let transport = CurlTransport()
    func post(_ path: String, _ body: JSONValue) async throws -> JSONValue {
      var request = TransportRequest(method: "POST", url: etcd + path, delivery: .whole(limit: 1 << 20), summary: path)
      request.body = [UInt8](body.serialized())
      return try JSONValue(parsing: try await transport.send(request).body)
    }
    let revision = try await post("/v3/kv/range", ["key": "AA==", "limit": 1])[path: "header", "revision"]
    let compacted = try await post("/v3/kv/compaction", ["revision": try #require(revision), "physical": true])
    _ = try #require(compacted["header"])
  }

  /// A new namespace's name.
  func namespace() async throws -> String {
    let name = "test-\(UUID().uuidString.lowercased())"
    _ = try await client.create(
      KubernetesObject(.namespaces, namespace: nil, name: name),
      as: .namespaces,
      namespace: nil
    )
    return name
  }
}
