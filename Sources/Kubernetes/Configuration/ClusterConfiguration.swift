import Foundation

/// How to connect and authenticate to a cluster.
///
/// Tokens, certificates and keys from files are read again when the files change. A kubeconfig's server is reached
/// through its `proxy-url`, or through the proxy in the environment; a pod's server and a plain server are reached
/// directly.
public struct ClusterConfiguration: Sendable {
  /// Namespace of the kubeconfig context or of the pod; nil if none is set.
  public let namespace: String?
  let address: ServerAddress
  let authorities: PEMSource?
  let isVerified: Bool
  /// Name to verify in the server's certificate instead of the URL's host.
  let serverName: String?
  let clientCertificate: PEMSource?
  let clientKey: PEMSource?
  let credential: Credential
  let proxy: ProxyAddress?

  init(
    address: ServerAddress,
    namespace: String? = nil,
    authorities: PEMSource? = nil,
    isVerified: Bool = true,
    serverName: String? = nil,
    clientCertificate: PEMSource? = nil,
    clientKey: PEMSource? = nil,
    credential: Credential = .none,
    proxy: ProxyAddress? = nil
  ) {
    self.address = address
    self.namespace = namespace
    self.authorities = authorities
    self.isVerified = isVerified
    self.serverName = serverName
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.credential = credential
    self.proxy = proxy
  }

  /// The server's URL.
  public var server: String { "\(address.scheme)://\(address.authority)\(address.path)" }

  /// A server without credentials, for example `http://127.0.0.1:8001` of `kubectl proxy` or a simulator.
  /// - Throws: `KubernetesError.configuration` unless `server` is an http or https URL.
  public static func plain(server: String) throws -> ClusterConfiguration {
    guard let address = ServerAddress(server) else {
      throw KubernetesError.configuration(
        "server \(server.debugDescription): must be http://HOST:PORT or https://HOST:PORT"
      )
    }
    return ClusterConfiguration(address: address)
  }

  /// The first available configuration, in controller-runtime's order: the given file, the files in `KUBECONFIG`, the
  /// pod's service account, `~/.kube/config`.
  /// - Parameters:
  ///   - kubeconfig: value of a `--kubeconfig` flag; nil or empty without one.
  ///   - context: kubeconfig context to use instead of `current-context`. If set, the pod's service account is not
  ///     used.
  /// - Throws: `KubernetesError.configuration` that names the file and the field.
  public static func automatic(
    kubeconfig: String? = nil,
    context: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> ClusterConfiguration {
    if let kubeconfig, !kubeconfig.isEmpty {
      return try self.kubeconfig(paths: [kubeconfig], context: context, environment: environment)
    }
    let hasKubeconfig = environment["KUBECONFIG"].map { !$0.isEmpty } ?? false
    if !hasKubeconfig, context == nil, isInCluster(environment: environment) {
      return try inCluster(environment: environment)
    }
    return try self.kubeconfig(context: context, environment: environment)
  }
}

// MARK: - Parts of a request

extension ClusterConfiguration {
  /// The URL of a request. It contains the name that TLS must verify, even if the connection goes to another host.
  func requestURL(path: String) -> String {
    "\(address.scheme)://\(serverName ?? address.host):\(address.port)\(address.path)\(path)"
  }

  /// Host to connect to instead of the URL's host, in the form of `CURLOPT_CONNECT_TO`.
  var connectTo: String? {
    serverName.map { "\($0):\(address.port):\(address.authority)" }
  }

  /// Header fields of every request, except an exec plugin's token.
  /// - Throws: `KubernetesError.configuration` if a token cannot be read.
  func headers() throws -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    if serverName != nil { fields.append(("Host", address.authority)) }
    if let authorization = try credential.authorization() { fields.append(("Authorization", authorization)) }
    return fields
  }

  /// - Throws: `KubernetesError.configuration` if a file cannot be read.
  func tls() throws -> TransportRequest.TLS {
    try TransportRequest.TLS(
      authorities: authorities?.bytes(),
      clientCertificate: clientCertificate?.bytes(),
      clientKey: clientKey?.bytes(),
      isVerified: isVerified
    )
  }
}
