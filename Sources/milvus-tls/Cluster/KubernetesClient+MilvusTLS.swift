import Kubernetes
import MilvusTLS
import Operator

extension KubernetesClient {
  /// Reads every MilvusTLS.
  /// - Parameter namespace: nil for all namespaces.
  /// - Throws: `CommandFailure` if the CRD is not installed; `KubernetesError`.
  func allMilvusTLS(namespace: String?) async throws -> [ObservedMilvusTLS] {
    do {
      return try await list(.milvusTLS, namespace: namespace).items.compactMap { ObservedMilvusTLS($0.json) }
    } catch KubernetesError.api(let status) where status.isNotFound {
      throw CommandFailure.definitionMissing
    }
  }
}

extension CommandFailure {
  /// The CRD of MilvusTLS is not installed.
  static var definitionMissing: CommandFailure {
    CommandFailure(
      "CRD milvustls.tls.milvus.io is not installed: run kubectl apply -f Manifests/base/milvustls-crd.yaml"
    )
  }
}
