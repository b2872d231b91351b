/// Why a call to the cluster failed, by the step that did.
public enum KubernetesError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A kubeconfig, a token or a certificate file cannot be used.
  case configuration(String)
  /// No complete answer came.
  case transport(TransportError)
  /// The server answered with an error.
  case api(APIStatus)
  /// The server's answer is not what the API promises.
  case decoding(request: String, reason: String)

  public var description: String {
    switch self {
    case .configuration(let reason): "configuration: \(reason)"
    case .transport(let error): error.description
    case .api(let status): status.description
    case .decoding(let request, let reason): "\(request): unexpected answer: \(reason)"
    }
  }
}
