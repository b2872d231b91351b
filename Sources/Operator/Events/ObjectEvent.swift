import Foundation
import JSON
import MilvusTLS

/// Something worth telling about a Milvus.
struct ObjectEvent: Sendable, Hashable {
  enum Kind: String, Sendable { case normal = "Normal", warning = "Warning" }

  /// The object that it is about.
  struct Subject: Sendable, Hashable {
    let namespace: String
    let name: String
    let uid: String
  }

  let subject: Subject
  let kind: Kind
  /// One word in CamelCase.
  let reason: String
  var message: String
}

extension ObjectEvent.Subject {
  init(_ milvus: ObservedMilvus) {
    self.init(namespace: milvus.namespace, name: milvus.name, uid: milvus.uid)
  }
}

extension ObjectEvent {
  /// The event as an object of the core API, which `kubectl describe` of every version shows with its count
  /// (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/).
  func json(name: String, count: Int, first: Date, last: Date) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Event",
      "metadata": ["namespace": .string(subject.namespace), "name": .string(name)],
      "involvedObject": [
        "apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "namespace": .string(subject.namespace),
        "name": .string(subject.name), "uid": .string(subject.uid),
      ],
      "type": .string(kind.rawValue), "reason": .string(reason), "message": .string(message),
      "source": ["component": .string(Names.manager)], "reportingComponent": .string(Names.manager),
      "count": .integer(count), "firstTimestamp": .string(first.kubernetesTime),
      "lastTimestamp": .string(last.kubernetesTime),
    ]
  }
}
