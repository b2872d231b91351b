import Foundation
import Kubernetes
import Logging

/// Writes Kubernetes events in the background: a slow or failing request delays no reconcile.
public struct EventRecorder: Sendable {
  /// The `type` of an event.
  public enum Kind: String, Sendable { case normal = "Normal", warning = "Warning" }

  /// Maximum number of buffered events; if there are more, the oldest are dropped.
  private static let bufferSize = 1000
  /// Maximum number of attempts to send an event without receiving an answer.
  private static let tryLimit = 3
  /// The API server rejects longer notes (events.k8s.io/v1); in bytes.
  private static let messageLimit = 1024 - EventCorrelator.combinedPrefix.utf8.count

  private let client: KubernetesClient
  private let component: String
  private let logger: Logger
  private let events: AsyncStream<ObjectEvent>
  private let continuation: AsyncStream<ObjectEvent>.Continuation

  /// - Parameter component: source of the events, as shown by `kubectl describe`.
  public init(client: KubernetesClient, component: String, logger: Logger) {
    self.client = client
    self.component = component
    self.logger = logger
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.bufferSize))
  }

  /// Records an event; returns at once.
  /// - Parameters:
  ///   - reason: one CamelCase word.
  ///   - message: truncated to the length that servers accept.
  ///   - subject: object of the event.
  public func record(_ kind: Kind, reason: String, message: String, on subject: ObjectReference) {
    let message = message.prefix(utf8Count: Self.messageLimit)
    continuation.yield(ObjectEvent(subject: subject, kind: kind, reason: reason, message: message))
  }

  /// Sends recorded events until the task is cancelled, and then the remaining ones.
  /// - Parameter drainTime: time limit for the remaining events; after it, they are dropped.
  public func run(drainTime: Duration = .seconds(1)) async {
    // Not a child task: cancelling this task must not cancel a request in flight.
    let sender = Task {
      var correlator = EventCorrelator()
      for await event in events where !Task.isCancelled { await send(event, &correlator) }
    }
    await withTaskCancellationHandler {
      await sender.value
    } onCancel: {
      continuation.finish()
      Task {
        try? await Task.sleep(for: drainTime)
        sender.cancel()
      }
    }
  }

  private func send(_ event: ObjectEvent, _ correlator: inout EventCorrelator) async {
    guard let write = correlator.write(for: event, now: Date()) else {
      logger.debug(
        "too many events, not written: \(event.reason): \(event.message)",
        metadata: event.subject.key.logged
      )
      return
    }
    do {
      try await perform(write)
    } catch KubernetesError.api(let status) where status.isNotFound && write.isUpdate {
      // The server deletes events after an hour: create a new one.
      correlator.forget(write)
      await send(event, &correlator)
    } catch {
      correlator.forget(write)
      logger.warning("event not written: \(error)", metadata: event.subject.key.logged)
    }
  }

  /// Sends a write, and retries if there was no answer. An answer, even an error, is final.
  private func perform(_ write: EventCorrelator.Write) async throws {
    var backoff = Backoff(base: .milliseconds(500), limit: .seconds(10))
    for _ in 1..<Self.tryLimit {
      do {
        return try await request(write)
      } catch KubernetesError.transport {
        try await Task.sleep(for: backoff.next())
      }
    }
    try await request(write)
  }

  private func request(_ write: EventCorrelator.Write) async throws {
    switch write {
    case .create(let event, let record):
      let object = event.json(record, component: component)
      do {
        _ = try await client.create(KubernetesObject(object), as: .events, namespace: event.subject.namespace)
      } catch KubernetesError.api(let status) where status.isAlreadyExists {
        // An earlier attempt succeeded, and its answer was lost.
      }
    case .update(let event, let record):
      _ = try await client.mergePatch(
        .events,
        namespace: event.subject.namespace,
        name: record.name,
        patch: event.patch(record)
      )
    }
  }
}

extension EventCorrelator.Write {
  fileprivate var isUpdate: Bool {
    if case .update = self { true } else { false }
  }
}

extension String {
  /// The longest prefix of whole characters that fits into a number of bytes.
  fileprivate func prefix(utf8Count limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var count = 0
    return String(
      prefix { character in
        count += character.utf8.count
        return count <= limit
      }
    )
  }
}
