import JSON

/// A failed run of a container that has not been restarted yet.
///
/// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states
public struct ContainerCrash: Sendable, Equatable {
  /// The kubelet's reason: `Error`, `OOMKilled`, ...
  public let reason: String
  public let exitCode: Int?
  /// Whether the log is that of the `previous` run.
  public let isPrevious: Bool

  /// From a container status; nil if the container is running, has not run yet, or exited with 0.
  init?(_ status: JSONValue) {
    if let ended = status[path: "state", "terminated"] {
      guard ended["exitCode"]?.integer != 0 else { return nil }
      self.init(ended, isPrevious: false)
      return
    }
    guard let waiting = status[path: "state", "waiting"] else { return nil }
    let ended = status[path: "lastState", "terminated"]
    let isLooping = waiting["reason"]?.string == "CrashLoopBackOff"
    guard isLooping || ended.map({ $0["exitCode"]?.integer != 0 }) ?? false else { return nil }
    self.init(ended ?? [:], isPrevious: true)
  }

  private init(_ ended: JSONValue, isPrevious: Bool) {
    reason = ended["reason"]?.string ?? "Error"
    exitCode = ended["exitCode"]?.integer
    self.isPrevious = isPrevious
  }
}

extension ContainerCrash: CustomStringConvertible {
  public var description: String {
    "the container crashed (\(reason)\(exitCode.map { ", exit code \($0)" } ?? ""))"
  }
}
