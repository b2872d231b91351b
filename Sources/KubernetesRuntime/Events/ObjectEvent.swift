import Foundation
import JSON

/// An event about an object.
struct ObjectEvent: Sendable, Hashable {
  let subject: ObjectReference
  let kind: EventRecorder.Kind
  /// One CamelCase word.
  let reason: String
  var message: String
}

extension ObjectEvent {
  /// The event as an object of the core API, which every version of `kubectl describe` shows with its count
  /// (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/).
  /// - Parameter component: source of the event.
  func json(_ record: EventCorrelator.Record, component: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Event",
      "metadata": ["namespace": .string(subject.namespace), "name": .string(record.name)],
      "involvedObject": [
        "apiVersion": .string(subject.apiVersion), "kind": .string(subject.kind),
        "namespace": .string(subject.namespace), "name": .string(subject.name), "uid": .string(subject.uid),
      ],
      "type": .string(kind.rawValue), "reason": .string(reason), "message": .string(message),
      "source": ["component": .string(component)], "reportingComponent": .string(component),
      "count": .integer(record.count), "firstTimestamp": .string(record.first.formatted(.iso8601)),
      "lastTimestamp": .string(record.last.formatted(.iso8601)),
    ]
  }

  /// Merge patch that updates the count and time of an existing Event object.
  func patch(_ record: EventCorrelator.Record) -> JSONValue {
    [
      "count": .integer(record.count), "lastTimestamp": .string(record.last.formatted(.iso8601)),
      "message": .string(message),
    ]
  }
}
