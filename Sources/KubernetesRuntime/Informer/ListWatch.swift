import Kubernetes

/// The list and the watch that an informer gets its objects from.
struct ListWatch: Sendable {
  let client: KubernetesClient
  let resource: Resource
  let labelSelector: String?
  let fieldSelector: String?
  let metadataOnly: Bool

  /// The list as of now. Not one as of `resourceVersion=0`: the server's cache may be behind what this process has seen already, and gives
  /// such a list in one piece, whatever limit is asked for.
  func objects(in namespace: String?) -> ListStream {
    client.objects(
      resource,
      namespace: namespace,
      labelSelector: labelSelector,
      fieldSelector: fieldSelector,
      metadataOnly: metadataOnly
    )
  }

  func watch(in namespace: String?, from version: String) async throws -> WatchStream {
    try await client.watch(
      resource,
      namespace: namespace,
      resourceVersion: version,
      labelSelector: labelSelector,
      fieldSelector: fieldSelector,
      metadataOnly: metadataOnly,
      // Jitter keeps the watches of many clients from ending together (client-go waits 5 to 10 minutes).
      timeout: .seconds(Int.random(in: 300...600))
    )
  }
}
