import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Synchronization

/// The ConfigMaps that provide files for Milvus resources, each followed by a watch of its own while one uses it.
final class ProvidedConfigMaps: Sendable {
  private struct Follower {
    let informer: Informer<ObservedConfigMap>
    let task: Task<Void, Never>
    var users: Set<ObjectKey>
  }

  private let client: KubernetesClient
  private let history: ServerHistory
  private let queue: WorkQueue<ObjectKey>
  private let logger: Logger
  private let followers = Mutex<[ObjectKey: Follower]>([:])

  init(client: KubernetesClient, history: ServerHistory, queue: WorkQueue<ObjectKey>, logger: Logger) {
    (self.client, self.history, self.queue, self.logger) = (client, history, queue, logger)
  }

  /// The ConfigMaps that a Milvus uses and that are followed: nil for one that does not exist. Those that it no longer
  /// uses are no longer followed for it.
  func states(of names: [String], for milvus: ObjectKey) -> [String: ObservedConfigMap?] {
    let used = Set(names.map { ObjectKey(namespace: milvus.namespace, name: $0) })
    return followers.withLock { followers in
      for (key, follower) in followers where follower.users.contains(milvus) && !used.contains(key) {
        followers[key]?.users.remove(milvus)
        guard follower.users.count == 1 else { continue }
        follower.task.cancel()
        followers[key] = nil
      }
      var states: [String: ObservedConfigMap?] = [:]
      for key in used {
        guard let informer = followers[key]?.informer, informer.isSynced else { continue }
        states.updateValue(informer.store[key], forKey: key.name)
      }
      return states
    }
  }

  /// Reads a ConfigMap, and follows it from then on.
  /// - Returns: nil where it does not exist.
  func read(_ name: String, for milvus: ObjectKey) async throws -> ObservedConfigMap? {
    let key = ObjectKey(namespace: milvus.namespace, name: name)
    follow(key, for: milvus)
    do {
      return ObservedConfigMap(try await client.get(.configMaps, namespace: key.namespace, name: name).json)
    } catch KubernetesError.api(let status) where status.isNotFound {
      return nil
    }
  }

  private func follow(_ key: ObjectKey, for milvus: ObjectKey) {
    followers.withLock { followers in
      guard followers[key] == nil else {
        followers[key]?.users.insert(milvus)
        return
      }
      let informer = Informer(
        client: client,
        resource: .configMaps,
        namespaces: [key.namespace],
        fieldSelector: "metadata.name=\(key.name)",
        history: history,
        logger: logger,
        transform: { ObservedConfigMap($0.json) },
        onChange: { [weak self] key, _, _ in await self?.wakeUsers(of: key) }
      )
      followers[key] = Follower(informer: informer, task: Task { await informer.run() }, users: [milvus])
    }
  }

  private func wakeUsers(of key: ObjectKey) async {
    for user in followers.withLock({ $0[key]?.users ?? [] }) { await queue.add(user) }
  }

  /// Ends all watches.
  func stop() {
    followers.withLock { followers in
      for follower in followers.values { follower.task.cancel() }
      followers = [:]
    }
  }
}
