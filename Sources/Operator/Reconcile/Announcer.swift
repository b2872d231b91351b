import KubernetesRuntime
import Logging
import MilvusTLS
import Observability

/// Tells people what happens to a Milvus: a line in the log, and an event on its MilvusTLS and on the Milvus.
struct Announcer: Sendable {
  let events: EventRecorder
  let logger: Logger

  /// Tells of something that was done, or has to be known.
  /// - Parameter reason: one word in CamelCase.
  func tell(
    _ reason: String,
    _ message: String,
    _ kind: EventRecorder.Kind = .normal,
    of key: ObjectKey,
    in observation: Observation
  ) {
    logger.about(key).log(level: kind == .warning ? .warning : .info, "\(message)")
    record(kind, reason, message, observation.milvusTLS.deciding, observation.milvus)
  }

  /// Tells of a condition that has changed. What is not known is no event.
  func tell(_ condition: Condition, of key: ObjectKey, on milvusTLS: ObservedMilvusTLS?, _ milvus: ObservedMilvus?) {
    logger.about(key)
      .info("\(condition.type)=\(condition.status.rawValue) \(condition.reason): \(condition.message)")
    guard condition.status != .unknown else { return }
    record(condition.isWarning ? .warning : .normal, condition.reason, condition.message, milvusTLS, milvus)
  }

  private func record(
    _ kind: EventRecorder.Kind,
    _ reason: String,
    _ message: String,
    _ milvusTLS: ObservedMilvusTLS?,
    _ milvus: ObservedMilvus?
  ) {
    for subject in [milvusTLS?.reference, milvus?.reference].compactMap(\.self) {
      events.record(kind, reason: reason, message: message, on: subject)
    }
  }
}
