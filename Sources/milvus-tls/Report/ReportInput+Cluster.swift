import Kubernetes
import MilvusTLS
import Operator

extension ReportInput {
  /// Secrets that are read at a time.
  private static let batch = 16

  /// Reads a cluster: every MilvusTLS and Milvus, and by their names the Secrets of a MilvusTLS.
  /// - Parameter namespace: the only one that is read; nil for all.
  /// - Throws: `CommandFailure` if the CRD is not installed; `KubernetesError`.
  init(client: KubernetesClient, namespace: String?) async throws {
    self.init(scope: namespace.map { "Namespace \($0) of the cluster" } ?? "All namespaces of the cluster")
    milvusTLS = try await client.allMilvusTLS(namespace: namespace)
    do {
      milvuses = try await client.list(.milvuses, namespace: namespace).items.compactMap { ObservedMilvus($0.json) }
    } catch KubernetesError.api(let status) where status.isNotFound || status.code == 403 {
      gaps.append("Milvus resources cannot be read (\(status.message)): one without a MilvusTLS is not in this report.")
    }
    var names = secretNames[...]
    while !names.isEmpty {
      try await read(Array(names.prefix(Self.batch)), client)
      names = names.dropFirst(Self.batch)
    }
  }

  private mutating func read(_ names: [(namespace: String, name: String)], _ client: KubernetesClient) async throws {
    let found = try await withThrowingTaskGroup(of: (ReportSecret?, String?).self) { group in
      for (namespace, name) in names {
        group.addTask {
          do {
            let object = try await client.get(.secrets, namespace: namespace, name: name)
            return (ReportSecret(object.json), nil)
          } catch KubernetesError.api(let status) where status.isNotFound || status.code == 403 {
            let reason = status.isNotFound ? "does not exist" : "cannot be read (\(status.message))"
            return (
              nil, "Secret \(namespace)/\(name) \(reason): its certificates are shown as the status has them."
            )
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    secrets += found.compactMap(\.0)
    gaps += found.compactMap(\.1)
  }
}
