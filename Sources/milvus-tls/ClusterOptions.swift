import ArgumentParser
import Foundation

/// Which cluster, and which part of it.
struct ClusterOptions: ParsableArguments {
  @Option(help: "Path of a kubeconfig. Default: $KUBECONFIG, the pod's service account, or ~/.kube/config.")
  var kubeconfig: String?

  @Option(help: "Context of the kubeconfig. Default: its current-context.")
  var context: String?

  @Option(
    name: .customLong("namespace"),
    help: ArgumentHelp("Namespace to watch; may be given several times. Default: all.", valueName: "namespace")
  )
  var namespaces: [String] = []

  func validate() throws {
    for namespace in namespaces where !Self.isName(namespace) {
      throw ValidationError(
        "--namespace \(namespace.debugDescription): must be up to 63 of a-z, 0-9 and -, with - neither first nor last"
      )
    }
  }

  /// Whether a text is a DNS label (RFC 1123), as the names of namespaces are.
  private static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/) != nil
  }
}

/// The environment that the program runs in.
enum RuntimeEnvironment {
  /// Whether this is a pod: the kubelet gives every one the API server's address.
  static var isPod: Bool {
    ProcessInfo.processInfo.environment["KUBERNETES_SERVICE_HOST"].map { !$0.isEmpty } ?? false
  }
}
