@testable import Kubernetes

typealias TransportErrorReason = TransportError.Reason

extension TransportError.Reason {
  /// Why a request got no answer; nil for any other error.
  init?(_ error: any Error) {
    switch error {
    case KubernetesError.transport(let error): self = error.reason
    case let error as TransportError: self = error.reason
    default: return nil
    }
  }
}

/// The server's word on the failure of an operation; nil when it fails otherwise, or not.
func apiStatus(of operation: () async throws -> Void) async -> APIStatus? {
  do {
    try await operation()
  } catch KubernetesError.api(let status) {
    return status
  } catch {}
  return nil
}
