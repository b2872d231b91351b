import Foundation

extension ClusterConfiguration {
  /// A context of one kubeconfig or of several, merged as kubectl merges them.
  ///
  /// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
  /// - Parameters:
  ///   - paths: nil for the files of `KUBECONFIG`, or `~/.kube/config`; files missing from that list are left out.
  ///   - context: nil for `current-context`.
  /// - Throws: `KubernetesError.configuration`, which names the file and the field.
  public static func kubeconfig(
    paths: [String]? = nil,
    context: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> ClusterConfiguration {
    let kubeconfig = try Kubeconfig(paths: paths, environment: environment)
    let context = try kubeconfig.context(named: context)
    let cluster = try kubeconfig.cluster(of: context)
    let user = try kubeconfig.user(of: context)
    let configuration = ClusterConfiguration(
      address: try address(cluster),
      namespace: try context.string("namespace"),
      authorities: try authorities(cluster),
      isVerified: try cluster.flag("insecure-skip-tls-verify") != true,
      serverName: try cluster.string("tls-server-name"),
      clientCertificate: try user?.pem("client-certificate"),
      clientKey: try user?.pem("client-key"),
      credential: try credential(user)
    )
    if let user, (configuration.clientCertificate == nil) != (configuration.clientKey == nil) {
      throw user.error("client-certificate", "client-certificate and client-key go together")
    }
    // A missing file is better said now than at the first request.
    _ = try configuration.headers()
    _ = try configuration.tls()
    return configuration
  }

  private static func address(_ cluster: KubeconfigEntry) throws -> ServerAddress {
    guard let server = try cluster.string("server") else { throw cluster.error("server", "is missing") }
    guard let address = ServerAddress(server) else {
      throw cluster.error("server", "must be http://HOST:PORT or https://HOST:PORT, with a path at most")
    }
    try cluster.refuse(["proxy-url"], because: "not supported yet")
    return address
  }

  private static func authorities(_ cluster: KubeconfigEntry) throws -> PEMSource? {
    let source = try cluster.pem("certificate-authority")
    if source != nil, try cluster.flag("insecure-skip-tls-verify") == true {
      throw cluster.error("insecure-skip-tls-verify", "must not be true beside a certificate-authority")
    }
    return source
  }

  private static func credential(_ user: KubeconfigEntry?) throws -> Credential {
    guard let user else { return .none }
    try user.refuse(
      ["exec", "auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra"],
      because: "not supported yet; allowed: token, tokenFile, client-certificate and client-key (or their -data)"
    )
    // client-go's order: a file, which may be renewed, before the token it began with.
    if let file = try user.file("tokenFile") { return .tokenFile(file) }
    return try user.string("token").map { .token($0) } ?? .none
  }
}
