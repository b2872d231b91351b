import ClusterSimulator
import JSON

extension Cluster {
  /// Creates a MilvusTLS with a status as written by the operator.
  /// - Parameter milvus: its `spec.milvusRef.name`; nil for none.
  func put(milvusTLS name: String, namespace: String = "default", milvus: String? = nil, status: JSONValue) async throws
  {
    var object: JSONValue = [
      "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS",
      "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": [:],
    ]
    if let milvus { object["spec"] = ["milvusRef": ["name": .string(milvus)]] }
    try await simulator.store.create(object)
    try await setStatus(status, of: name, namespace: namespace)
  }

  func setStatus(_ status: JSONValue, of name: String, namespace: String = "default") async throws {
    let address = ObjectAddress(.milvusTLS, namespace: namespace, name: name)
    try await simulator.store.update(address, subresource: .status) { $0["status"] = status }
  }

  /// Changes the spec, so that the status is for an earlier generation.
  func changeSpec(of name: String) async throws {
    let address = ObjectAddress(.milvusTLS, namespace: "default", name: name)
    try await simulator.store.update(address) { $0["spec"] = ["external": ["mode": "TwoWay"]] }
  }
}

extension JSONValue {
  /// A status with the condition `Verified` of the first generation, and more.
  static func status(
    verified: String,
    _ reason: String,
    _ message: String,
    _ more: [String: JSONValue] = [:]
  ) -> JSONValue {
    let condition: JSONValue = [
      "type": "Verified", "status": .string(verified), "reason": .string(reason), "message": .string(message),
      "observedGeneration": 1, "lastTransitionTime": "2026-11-22T00:00:00Z",
    ]
    return .object(more.merging(["observedGeneration": 1, "conditions": [condition]]) { $1 })
  }

  static func pod(_ name: String, verdict: String, _ evidence: String) -> JSONValue {
    [
      "name": .string(name), "uid": .string("uid-\(name)"), "container": "standalone", "restartCount": 0,
      "verdict": .string(verdict), "evidence": .string(evidence),
    ]
  }
}
