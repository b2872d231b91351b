/// Error of a call to the cluster; each case names the step that failed.
public enum KubernetesError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A kubeconfig, token or certificate file is unusable.
  case configuration(String)
  /// No complete response was received.
  case transport(TransportError)
  /// The server answered with an error.
  case api(APIStatus)
  /// The response does not conform to the API.
  case decoding(request: String, reason: String)

  public var description: String {
    switch self {
    case .configuration(let reason): "configuration: \(reason)"
    case .transport(let error): error.description
    case .api(let status): status.description
    case .decoding(let request, let reason): "\(request): unexpected response: \(reason)"
    }
  }
}
