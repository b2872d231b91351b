import Kubernetes

/// List and watch requests of an informer.
struct ListWatch: Sendable {
  let client: KubernetesClient
  let resource: Resource
  let labelSelector: String?
  let fieldSelector: String?
  let metadataOnly: Bool

  /// The current list. `resourceVersion=0` is not used: the server's cache may be older than a state this process has
  /// already seen, and the server ignores the limit for such a list.
  func objects(in namespace: String?) -> ListStream {
    client.objects(
      resource,
      namespace: namespace,
      labelSelector: labelSelector,
      fieldSelector: fieldSelector,
      metadataOnly: metadataOnly
    )
  }

  /// The collection's current version. There is no label selector: the server would read every object until one matches.
  /// A field selector stays, because a Role may permit nothing but the object that it names.
  func currentVersion(in namespace: String?) async throws -> String {
    try await client.currentVersion(of: resource, namespace: namespace, fieldSelector: fieldSelector)
  }

  func watch(in namespace: String?, from version: String) async throws -> WatchStream {
    try await client.watch(
      resource,
      namespace: namespace,
      resourceVersion: version,
      labelSelector: labelSelector,
      fieldSelector: fieldSelector,
      metadataOnly: metadataOnly,
      // Jitter keeps the watches of many clients from ending together (client-go uses 5 to 10 minutes).
      timeout: .seconds(Int.random(in: 300...600))
    )
  }
}
