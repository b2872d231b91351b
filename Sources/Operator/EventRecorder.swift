import Foundation
import JSON
import Kubernetes
import Logging
import MilvusTLS

/// Writes Kubernetes events about Milvus resources, beside the reconciling: a slow or failing event delays nothing.
struct EventRecorder: Sendable {
  enum Kind: String, Sendable { case normal = "Normal", warning = "Warning" }

  private let client: KubernetesClient
  private let logger: Logger
  private let events: AsyncStream<JSONValue>
  private let continuation: AsyncStream<JSONValue>.Continuation

  init(client: KubernetesClient, logger: Logger) {
    self.client = client
    self.logger = logger
    // Events are for people: of a flood they need the latest.
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1000))
  }

  /// Records an event; returns at once.
  func record(_ kind: Kind, reason: String, message: String, on milvus: ObservedMilvus) {
    let now = Date().kubernetesTime
    continuation.yield([
      "apiVersion": "v1", "kind": "Event",
      "metadata": [
        "namespace": .string(milvus.namespace),
        // client-go's form: the object's name and a unique number.
        "name": .string("\(milvus.name).\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"),
      ],
      "involvedObject": [
        "apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "namespace": .string(milvus.namespace),
        "name": .string(milvus.name), "uid": .string(milvus.uid),
      ],
      "type": .string(kind.rawValue), "reason": .string(reason),
      // The API server refuses longer notes (events.k8s.io/v1: 1 kB).
      "message": .string(String(message.prefix(1000))),
      "source": ["component": .string(Names.manager)], "count": 1,
      "firstTimestamp": .string(now), "lastTimestamp": .string(now),
    ])
  }

  /// Sends recorded events until the task is cancelled.
  func run() async {
    for await event in events {
      do {
        _ = try await client.create(
          KubernetesObject(event),
          as: .events,
          namespace: event[path: "metadata", "namespace"]?.string
        )
      } catch {
        logger.warning("event not written: \(error)")
      }
    }
  }
}
