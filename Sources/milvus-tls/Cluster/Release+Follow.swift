import KubernetesRuntime
import MilvusTLS
import Operator

extension Release {
  /// Whether whoever follows a MilvusTLS wants to see more of it.
  enum Interest { case goOn, stop }

  /// Looks at the MilvusTLS as it is now and whenever it has changed, as a watch tells; what the cluster refuses is tried again.
  /// - Parameters:
  ///   - deadline: when to stop in any case; nil for never.
  ///   - look: gets nil where there is no such MilvusTLS. What counts is the state when it is looked at: of several changes before that, one
  ///     is enough.
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
      // Before the first list is complete, one that is missing may yet come.
      for await _ in changes where informer.isSynced {
        if try look(choose(among: informer.store.values(in: namespace).values)) == .stop { break }
      }
      group.cancelAll()
    }
  }
}
