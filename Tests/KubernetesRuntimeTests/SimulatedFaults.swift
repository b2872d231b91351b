import ClusterSimulator

// In a file that does not import Kubernetes: both modules have an APIStatus and an ObjectKey.
extension ClusterSimulator {
  func failNextWatches(_ count: Int, code: Int, reason: String) {
    let status = APIStatus(code: code, reason: reason, message: "as the test asked for")
    faults.failNext(count, RequestMatch(.watch, "configmaps"), with: status)
  }

  func removeConfigMap(_ name: String) async throws {
    try await store.delete(ObjectKey(.configMaps, namespace: "default", name: name))
  }
}
