import JSON
import Kubernetes
import MilvusTLS
import Operator

/// A Milvus in a cluster, identified by the name on the command line.
struct Release {
  let client: KubernetesClient
  let namespace: String
  /// Name of the Milvus, or of its MilvusTLS.
  let name: String

  /// Reads the MilvusTLS.
  /// - Throws: `CommandFailure` if there is none; `KubernetesError`.
  func milvusTLS() async throws -> ObservedMilvusTLS {
    guard let milvusTLS = try await findMilvusTLS() else {
      throw CommandFailure(
        "no MilvusTLS for Milvus \(name.debugDescription) in namespace \(namespace): annotate the "
          + "Milvus with \(Annotations.external) or \(Annotations.internal)"
      )
    }
    return milvusTLS
  }

  /// Reads the MilvusTLS; nil if there is none.
  /// - Throws: `CommandFailure` if the CRD is not installed; `KubernetesError`.
  func findMilvusTLS() async throws -> ObservedMilvusTLS? {
    choose(among: try await Self.allMilvusTLS(client, in: namespace))
  }

  /// Reads every MilvusTLS of a namespace; nil for all namespaces.
  /// - Throws: `CommandFailure` if the CRD is not installed; `KubernetesError`.
  static func allMilvusTLS(_ client: KubernetesClient, in namespace: String?) async throws -> [ObservedMilvusTLS] {
    do {
      return try await client.list(.milvusTLS, namespace: namespace).items.compactMap { ObservedMilvusTLS($0.json) }
    } catch KubernetesError.api(let status) where status.isNotFound {
      throw CommandFailure(
        "CRD milvustls.tls.milvus.io is not installed: run kubectl apply -f Manifests/base/milvustls-crd.yaml"
      )
    }
  }

  /// Reads an object of the namespace.
  /// - Throws: `CommandFailure` if it does not exist; `KubernetesError`.
  func read(_ resource: Resource, _ name: String) async throws -> KubernetesObject {
    try await naming(resource, name) { try await client.get(resource, namespace: namespace, name: name) }
  }

  /// Changes an object of the namespace by a merge patch.
  /// - Throws: `CommandFailure` if it does not exist; `KubernetesError`.
  func patch(_ resource: Resource, _ name: String, _ patch: JSONValue) async throws {
    _ = try await naming(resource, name) {
      try await client.mergePatch(resource, namespace: namespace, name: name, patch: patch)
    }
  }

  /// Runs a request and turns a 404 into a `CommandFailure` that names the object.
  private func naming(
    _ resource: Resource,
    _ name: String,
    _ request: () async throws -> KubernetesObject
  ) async throws -> KubernetesObject {
    do {
      return try await request()
    } catch KubernetesError.api(let status) where status.isNotFound {
      throw CommandFailure("\(resource.kind) \(name.debugDescription) not found in namespace \(namespace)")
    }
  }

  /// The MilvusTLS in effect for the Milvus of this name; else the MilvusTLS of this name.
  func choose(among all: some Sequence<ObservedMilvusTLS>) -> ObservedMilvusTLS? {
    all.filter { $0.milvusName == name }.deciding ?? all.first { $0.name == name }
  }
}
