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
    let all: ObjectList
    do {
      all = try await client.list(.milvusTLS, namespace: namespace)
    } catch KubernetesError.api(let status) where status.isNotFound {
      throw CommandFailure("the cluster does not know MilvusTLS: kubectl apply -f Manifests/milvustls-crd.yaml")
    }
    guard let milvusTLS = choose(among: all.items.compactMap { ObservedMilvusTLS($0.json) }) else {
      throw CommandFailure(
        "namespace \(namespace) has no MilvusTLS for Milvus \(name.debugDescription), and none of that name: annotate the "
          + "Milvus with \(Names.externalAnnotation) or \(Names.internalAnnotation)"
      )
    }
    return milvusTLS
  }

  /// The one that decides for the Milvus of the name, or else the one of the name.
  func choose(among all: some Sequence<ObservedMilvusTLS>) -> ObservedMilvusTLS? {
    all.filter { $0.milvusName == name }.deciding ?? all.first { $0.name == name }
  }
}
