import Foundation

/// How to reach a cluster, and as whom.
///
/// Tokens, certificates and keys that come from files are read again when the files change. A kubeconfig's server is reached through its
/// `proxy-url`, or the proxy that the environment names for it; a pod's and a plain one directly.
public struct ClusterConfiguration: Sendable {
  /// The namespace of the kubeconfig's context or of the pod; nil where none is set.
  public let namespace: String?
  let address: ServerAddress
  let authorities: PEMSource?
  let isVerified: Bool
  /// The name to expect in the server's certificate instead of the URL's host.
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

  /// A server that asks for no credentials, as `http://127.0.0.1:8001` of `kubectl proxy` or a simulator.
  /// - Throws: `KubernetesError.configuration` for anything but an http or https URL.
  public static func plain(server: String) throws -> ClusterConfiguration {
    guard let address = ServerAddress(server) else {
      throw KubernetesError.configuration(
        "server \(server.debugDescription): must be http://HOST:PORT or https://HOST:PORT"
      )
    }
    return ClusterConfiguration(address: address)
  }

  /// The first there is, in controller-runtime's order: the named file, the files of `KUBECONFIG`, the pod's service account,
  /// `~/.kube/config`.
  /// - Parameters:
  ///   - kubeconfig: what a `--kubeconfig` flag says; nil or empty without one.
  ///   - context: the context of a kubeconfig to use instead of its `current-context`; with one the pod's account is passed over.
  /// - Throws: `KubernetesError.configuration`, which names the file and the field.
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

// MARK: - What a request takes from here

extension ClusterConfiguration {
  /// The URL of a request: with the name that TLS must verify, wherever it is sent to.
  func requestURL(path: String) -> String {
    "\(address.scheme)://\(serverName ?? address.host):\(address.port)\(address.path)\(path)"
  }

  /// Where to connect to instead of the URL's host, in the form of `CURLOPT_CONNECT_TO`.
  var connectTo: String? {
    serverName.map { "\($0):\(address.port):\(address.authority)" }
  }

  /// The header fields that all requests have, but for an exec plugin's token.
  /// - Throws: `KubernetesError.configuration` for a token that cannot be read.
  func headers() throws -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    if serverName != nil { fields.append(("Host", address.authority)) }
    if let authorization = try credential.authorization() { fields.append(("Authorization", authorization)) }
    return fields
  }

  /// - Throws: `KubernetesError.configuration` for a file that cannot be read.
  func tls() throws -> TransportRequest.TLS {
    try TransportRequest.TLS(
      authorities: authorities?.bytes(),
      clientCertificate: clientCertificate?.bytes(),
      clientKey: clientKey?.bytes(),
      isVerified: isVerified
    )
  }
}
