import KubernetesRuntime
import MilvusTLS
import Operator

extension Release {
  /// Whether to continue following a MilvusTLS.
  enum Interest { case goOn, stop }

  /// Calls `look` with the current MilvusTLS and again after each change, until it returns `.stop`. Failed requests are
  /// retried.
  /// - Parameters:
  ///   - deadline: when to stop in any case; nil: never.
  ///   - look: called with nil while the MilvusTLS does not exist. Several quick changes may lead to a single call,
  ///     with the latest state.
  /// - Throws: what `look` throws.
  func follow(
    until deadline: ContinuousClock.Instant? = nil,
    _ look: (ObservedMilvusTLS?) throws -> Interest
  ) async throws {
    let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let informer = Informer(
      client: client,
      resource: .milvusTLS,
      namespaces: [namespace],
      logger: ClusterOptions.logger,
      transform: { ObservedMilvusTLS($0.json) },
      onChange: { _, _, _ in continuation.yield() }
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await informer.run() }
      group.addTask {
        await informer.waitUntilSynced()
        continuation.yield()
      }
      if let deadline {
        group.addTask {
          try await Task.sleep(until: deadline)
          continuation.finish()
        }
      }
      // Until the first list is complete, a missing object may simply not have been listed yet.
      for await _ in changes where informer.isSynced {
        if try look(choose(among: informer.store.values(in: namespace).values)) == .stop { break }
      }
      group.cancelAll()
    }
  }
}
