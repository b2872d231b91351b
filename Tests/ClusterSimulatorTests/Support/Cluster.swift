import ClusterSimulator
import JSON
import Kubernetes
import TestSupport
import Testing

/// A simulated cluster for one test.
struct Cluster: Sendable {
  let simulator: ClusterSimulator
  let http: HTTP
  let client: KubernetesClient

  /// Runs a test with a cluster, and ends that whatever happens.
  /// - Parameter milvus: Whether there is a stand-in for milvus-operator.
  static func run(
    milvus: Bool = false,
    _ options: ClusterSimulator.Options = .init(),
    _ body: (Cluster) async throws -> Void
  ) async throws {
    var options = options
    options.milvusStartDelay = milvus ? .milliseconds(5) : nil
    let simulator = try await ClusterSimulator.start(options)
    let cluster = Cluster(
      simulator: simulator,
      http: HTTP(server: simulator.url),
      client: KubernetesClient(configuration: try .plain(server: simulator.url))
    )
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(cluster))
    } catch {
      result = .failure(error)
    }
    await simulator.stop()
    try result.get()
  }

  /// Waits until something holds, looking again at each change of the cluster.
  func eventually(
    within limit: Duration = .seconds(90),
    _ what: Comment,
    _ holds: @escaping @Sendable () async -> Bool
  ) async throws {
    try await TestSupport.eventually(within: limit, after: await simulator.store.changes(), what, holds)
  }
}

/// Objects for tests.
enum Sample {
  static func configMap(
    _ name: String,
    labels: [String: String] = [:],
    data: [String: String] = [:],
    metadata: JSONValue = [:]
  ) -> JSONValue {
    var metadata = metadata
    metadata["name"] = .string(name)
    if !labels.isEmpty { metadata["labels"] = .object(labels.mapValues(JSONValue.string)) }
    return [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
      "data": .object(data.mapValues(JSONValue.string)),
    ]
  }

  static func secret(_ name: String, _ texts: [String: String] = [:], namespace: String? = nil) -> JSONValue {
    var metadata: JSONValue = ["name": .string(name)]
    metadata["namespace"] = namespace.map(JSONValue.string)
    return [
      "apiVersion": "v1", "kind": "Secret", "metadata": metadata,
      "stringData": .object(texts.mapValues(JSONValue.string)),
    ]
  }

  static func milvusTLS(_ name: String, _ spec: JSONValue = [:]) -> JSONValue {
    [
      "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": ["name": .string(name)], "spec": spec,
    ]
  }

  static let configMaps = "/api/v1/namespaces/default/configmaps"
  static let secrets = "/api/v1/namespaces/default/secrets"
  static let pods = "/api/v1/namespaces/default/pods"
  static let milvusTLS = "/apis/tls.milvus.io/v1alpha1/namespaces/default/milvustls"
  static let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
}

extension JSONValue {
  var resourceVersion: Int { self[path: "metadata", "resourceVersion"]?.string.flatMap { Int($0) } ?? 0 }
  var names: [String] { (self["items"]?.array ?? []).compactMap { $0[path: "metadata", "name"]?.string } }
}
