/// One run of a container. Each run may have a different configuration and has a log of its own.
public struct ContainerRun: Sendable, Hashable {
  public let podUID: String
  public let container: String
  /// `restartCount` of the container status.
  public let restartCount: Int

  public init(podUID: String, container: String, restartCount: Int) {
    self.podUID = podUID
    self.container = container
    self.restartCount = restartCount
  }
}
