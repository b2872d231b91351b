import Logging

public actor MilvusOperatorStandIn {
  init(store: ObjectStore, logs: PodLogs, startDelay: Duration, logger: Logger) {}
  func start() {}
  func stop() {}
}
