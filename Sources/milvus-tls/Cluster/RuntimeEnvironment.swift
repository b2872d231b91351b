import Foundation

/// Environment of this process.
enum RuntimeEnvironment {
  /// Whether this process runs in a pod: the kubelet gives every container the API server's address.
  static var isPod: Bool {
    ProcessInfo.processInfo.environment["KUBERNETES_SERVICE_HOST"].map { !$0.isEmpty } ?? false
  }
}
