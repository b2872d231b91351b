import JSON

/// The failed end of a container's run, while the container waits to be started again.
///
/// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states
public struct ContainerCrash: Sendable, Equatable {
  /// The kubelet's word: `Error`, `OOMKilled`, ...
  public let reason: String
  public let exitCode: Int?
  /// Whether the log is had by asking for the `previous` run.
  public let isPrevious: Bool

  /// Takes it from a container's status; nil where the container runs, has not run yet, or ended well.
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
