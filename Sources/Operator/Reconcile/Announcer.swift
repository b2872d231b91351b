import KubernetesRuntime
import Logging
import MilvusTLS
import Observability

/// Reports what happens to a Milvus: a line in the log, and an event on its MilvusTLS and on the Milvus.
///
/// What one reconcile does is one event, under the reason of what it did last: an event of each step would be most of what
/// a new release writes.
struct Announcer: Sendable {
  let events: EventRecorder
  let logger: Logger
  private let story = ReconcileStory()

  init(events: EventRecorder, logger: Logger) {
    (self.events, self.logger) = (events, logger)
  }

  /// Reports an action, whose event comes with `finish`, or a warning.
  /// - Parameter reason: one word in CamelCase.
  func tell(
    _ reason: String,
    _ message: String,
    _ kind: EventRecorder.Kind = .normal,
    of key: ObjectKey,
    in observation: Observation
  ) {
    logger.about(key).log(level: kind == .warning ? .warning : .info, "\(message)")
    guard kind == .warning else { return story.add(reason, message, of: key) }
    record(kind, reason, message, observation.milvusTLS.deciding, observation.milvus)
  }

  /// Records the event of what a reconcile has done so far.
  func finish(_ key: ObjectKey, in observation: Observation) {
    guard let (reason, message) = story.end(of: key) else { return }
    record(.normal, reason, message, observation.milvusTLS.deciding, observation.milvus)
  }

  /// Reports a condition whose status or reason changed. The event has the condition's reason.
  func tell(_ condition: Condition, of key: ObjectKey, on milvusTLS: ObservedMilvusTLS?, _ milvus: ObservedMilvus?) {
    logger.about(key)
      .info("\(condition.type.rawValue)=\(condition.status.rawValue) \(condition.reason): \(condition.message)")
    guard condition.isEvent else { return }
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
