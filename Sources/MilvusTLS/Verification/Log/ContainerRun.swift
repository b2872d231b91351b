/// One run of one container: a restart may come with another configuration, and has a log of its own.
public struct ContainerRun: Sendable, Hashable {
  public let podUID: String
  public let container: String
  public let restartCount: Int

  public init(podUID: String, container: String, restartCount: Int) {
    self.podUID = podUID
    self.container = container
    self.restartCount = restartCount
  }
}
