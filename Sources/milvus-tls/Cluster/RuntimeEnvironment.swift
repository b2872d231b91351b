import Foundation

/// The environment that the program runs in.
enum RuntimeEnvironment {
  /// Whether this is a pod: the kubelet gives every one the API server's address.
  static var isPod: Bool {
    ProcessInfo.processInfo.environment["KUBERNETES_SERVICE_HOST"].map { !$0.isEmpty } ?? false
  }
}
