import Foundation
import JSON

extension ClusterConfiguration {
  /// The configuration of a context in one or more kubeconfig files, merged as kubectl merges them.
  ///
  /// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
  /// - Parameters:
  ///   - paths: nil for the files in `KUBECONFIG`, or `~/.kube/config`; missing files in that list are skipped.
  ///   - context: nil for `current-context`.
  /// - Throws: `KubernetesError.configuration` that names the file and the field.
  public static func kubeconfig(
    paths: [String]? = nil,
    context: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> ClusterConfiguration {
    let kubeconfig = try Kubeconfig(paths: paths, environment: environment)
    let context = try kubeconfig.context(named: context)
    let cluster = try kubeconfig.cluster(of: context)
    let user = try kubeconfig.user(of: context)
    let address = try address(cluster)
    let configuration = ClusterConfiguration(
      address: address,
      namespace: try context.string("namespace"),
      authorities: try authorities(cluster),
      isVerified: try cluster.flag("insecure-skip-tls-verify") != true,
      serverName: try cluster.string("tls-server-name"),
      clientCertificate: try user?.pem("client-certificate"),
      clientKey: try user?.pem("client-key"),
      credential: try credential(user, of: cluster),
      proxy: try proxy(cluster) ?? ProxyEnvironment(environment: environment).proxy(for: address)
    )
    if let user, (configuration.clientCertificate == nil) != (configuration.clientKey == nil) {
      throw user.error("client-certificate", "client-certificate and client-key must both be set")
    }
    // Reports a missing file now rather than at the first request.
    _ = try configuration.headers()
    _ = try configuration.tls()
    return configuration
  }

  private static func address(_ cluster: KubeconfigEntry) throws -> ServerAddress {
    guard let server = try cluster.string("server") else { throw cluster.error("server", "is missing") }
    guard let address = ServerAddress(server) else {
      throw cluster.error("server", "must be http://HOST:PORT or https://HOST:PORT, optionally with a path")
    }
    return address
  }

  private static func proxy(_ cluster: KubeconfigEntry) throws -> ProxyAddress? {
    guard let text = try cluster.string("proxy-url") else { return nil }
    guard let proxy = ProxyAddress(text) else { throw cluster.error("proxy-url", ProxyAddress.allowed) }
    return proxy
  }

  private static func authorities(_ cluster: KubeconfigEntry) throws -> PEMSource? {
    let source = try cluster.pem("certificate-authority")
    if source != nil, try cluster.flag("insecure-skip-tls-verify") == true {
      throw cluster.error("insecure-skip-tls-verify", "must not be true together with certificate-authority")
    }
    return source
  }

  private static func credential(_ user: KubeconfigEntry?, of cluster: KubeconfigEntry) throws -> Credential {
    guard let user else { return .none }
    try user.refuse(
      ["auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra"],
      because: "not supported; allowed: token, tokenFile, exec, client-certificate and client-key (or their -data)"
    )
    let plugin = try user.execPlugin(cluster: try execCluster(cluster))
    // client-go's order: tokenFile, which can be renewed, then token, then the plugin.
    if let file = try user.file("tokenFile") { return .tokenFile(file) }
    if let token = try user.string("token") { return .token(token) }
    return plugin.map { .exec(ExecCredentialSource($0)) } ?? .none
  }

  /// The cluster information in `KUBERNETES_EXEC_INFO`.
  ///
  /// https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster
  private static func execCluster(_ cluster: KubeconfigEntry) throws -> JSONValue {
    var info: [String: JSONValue] = [:]
    for name in ["server", "tls-server-name", "insecure-skip-tls-verify", "proxy-url"] {
      info[name] = cluster.values[name]
    }
    let authorities = try cluster.pem("certificate-authority")?.bytes()
    info["certificate-authority-data"] = authorities.map { .string(Data($0).base64EncodedString()) }
    let extensions = cluster.values["extensions"]?.array ?? []
    info["config"] = extensions.first { $0["name"] == "client.authentication.k8s.io/exec" }?["extension"]
    return .object(info)
  }
}
