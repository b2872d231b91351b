import Foundation

extension ClusterConfiguration {
  /// The configuration of a pod's service account.
  ///
  /// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
  /// - Parameter root: folder that contains `token`, `ca.crt` and `namespace`.
  /// - Throws: `KubernetesError.configuration` outside a pod.
  public static func inCluster(
    root: String = "/var/run/secrets/kubernetes.io/serviceaccount",
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> ClusterConfiguration {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
    else {
      throw KubernetesError.configuration(
        "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; use a kubeconfig instead"
      )
    }
    guard let address = ServerAddress("https://\(host.contains(":") ? "[\(host)]" : host):\(port)") else {
      throw KubernetesError.configuration("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: invalid address")
    }
    let namespace = WatchedFile(path: root + "/namespace")
    let configuration = ClusterConfiguration(
      address: address,
      namespace: (try? namespace.bytes()).map {
        String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      },
      authorities: .file(WatchedFile(path: root + "/ca.crt")),
      credential: .tokenFile(WatchedFile(path: root + "/token"))
    )
    // Reports a missing file now rather than at the first request.
    _ = try configuration.headers()
    _ = try configuration.tls()
    return configuration
  }

  static func isInCluster(environment: [String: String]) -> Bool {
    environment["KUBERNETES_SERVICE_HOST"].map { !$0.isEmpty } ?? false
  }
}
