import JSON
import Kubernetes
import MilvusTLS
import Operator

/// A Milvus in a cluster, under the name that somebody called it.
struct Release {
  let client: KubernetesClient
  let namespace: String
  /// Of the Milvus, or of its MilvusTLS.
  let name: String

  /// Reads the MilvusTLS.
  /// - Throws: `CommandFailure` where there is none, `KubernetesError`.
  func milvusTLS() async throws -> ObservedMilvusTLS {
    guard let milvusTLS = try await findMilvusTLS() else {
      throw CommandFailure(
        "namespace \(namespace) has no MilvusTLS for Milvus \(name.debugDescription), and none of that name: annotate the "
          + "Milvus with \(Annotations.external) or \(Annotations.internal)"
      )
    }
    return milvusTLS
  }

  /// Reads the MilvusTLS; nil where there is none.
  /// - Throws: `CommandFailure` where the cluster does not know the kind, `KubernetesError`.
  func findMilvusTLS() async throws -> ObservedMilvusTLS? {
    let all: ObjectList
    do {
      all = try await client.list(.milvusTLS, namespace: namespace)
    } catch KubernetesError.api(let status) where status.isNotFound {
      throw CommandFailure("the cluster does not know MilvusTLS: kubectl apply -f Manifests/milvustls-crd.yaml")
    }
    return choose(among: all.items.compactMap { ObservedMilvusTLS($0.json) })
  }

  /// Reads an object of the namespace.
  /// - Throws: `CommandFailure` where it is missing, `KubernetesError`.
  func read(_ resource: Resource, _ name: String) async throws -> KubernetesObject {
    try await naming(resource, name) { try await client.get(resource, namespace: namespace, name: name) }
  }

  /// Changes an object of the namespace by a merge patch.
  /// - Throws: `CommandFailure` where it is missing, `KubernetesError`.
  func patch(_ resource: Resource, _ name: String, _ patch: JSONValue) async throws {
    _ = try await naming(resource, name) {
      try await client.mergePatch(resource, namespace: namespace, name: name, patch: patch)
    }
  }

  /// Has a request for an object that is missing fail with its name.
  private func naming(
    _ resource: Resource,
    _ name: String,
    _ request: () async throws -> KubernetesObject
  ) async throws -> KubernetesObject {
    do {
      return try await request()
    } catch KubernetesError.api(let status) where status.isNotFound {
      throw CommandFailure("namespace \(namespace) has no \(resource.kind) \(name.debugDescription)")
    }
  }

  /// The one that decides for the Milvus of the name, or else the one of the name.
  func choose(among all: some Sequence<ObservedMilvusTLS>) -> ObservedMilvusTLS? {
    all.filter { $0.milvusName == name }.deciding ?? all.first { $0.name == name }
  }
}
