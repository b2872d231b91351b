import JSON

/// What a watch of the store receives.
enum WatchSignal: Sendable {
  case event(StoreEvent)
  /// Everything up to this resourceVersion has been sent.
  case bookmark(Int)
}

/// One open watch.
struct StoreWatcher: Sendable {
  /// Nil for every resource.
  let resource: ResourceIdentifier?
  let namespace: String?
  /// The version that the watch starts from. It may be in the future, after a restore of etcd: the real server then
  /// leaves out everything until the watch's version is reached.
  let start: Int
  let continuation: AsyncThrowingStream<WatchSignal, any Error>.Continuation

  func hears(_ event: StoreEvent) -> Bool {
    event.revision > start && (resource == nil || resource == event.key.resource)
      && (namespace == nil || namespace == event.key.namespace)
  }
}

extension ClusterStore {
  /// All changes from now on, for controllers in this process.
  public func changes() -> AsyncStream<StoreEvent> {
    let (_, signals) = watch(nil, namespace: nil, from: 0)
    let (stream, continuation) = AsyncStream<StoreEvent>.makeStream()
    let pump = Task {
      do {
        for try await case .event(let event) in signals { continuation.yield(event) }
      } catch {}
      continuation.finish()
    }
    continuation.onTermination = { _ in pump.cancel() }
    return stream
  }

  /// Opens a watch that starts with the changes after a version.
  /// - Parameter revision: nil starts with all current objects, as added.
  /// - Throws: `ServerStatus` 410 if the history does not go back that far.
  func watch(
    _ resource: ResourceIdentifier,
    namespace: String?,
    after revision: Int?
  ) throws -> (id: Int, signals: AsyncThrowingStream<WatchSignal, any Error>) {
    let backlog: [StoreEvent]
    if let revision {
      guard let events = history.events(after: revision) else {
        throw ServerStatus.expired(revision, oldest: history.forgotten)
      }
      backlog = Array(events)
    } else {
      backlog = list(resource, namespace: namespace).map { object in
        StoreEvent(
          kind: .added,
          key: ObjectAddress(resource, namespace: object.namespace, name: object.name),
          object: object,
          previous: nil,
          revision: Int(object.resourceVersion) ?? 0
        )
      }
    }
    let (id, signals) = watch(resource, namespace: namespace, from: revision ?? 0)
    guard let watcher = watchers[id] else { return (id, signals) }
    for event in backlog where watcher.hears(event) { watcher.continuation.yield(.event(event)) }
    return (id, signals)
  }

  private func watch(
    _ resource: ResourceIdentifier?,
    namespace: String?,
    from start: Int
  ) -> (id: Int, signals: AsyncThrowingStream<WatchSignal, any Error>) {
    lastWatcher += 1
    let id = lastWatcher
    let (stream, continuation) = AsyncThrowingStream<WatchSignal, any Error>.makeStream()
    watchers[id] = StoreWatcher(
      resource: resource,
      namespace: namespace,
      start: start,
      continuation: continuation
    )
    continuation.onTermination = { [weak self] _ in
      Task { await self?.forgetWatcher(id) }
    }
    return (id, stream)
  }

  private func forgetWatcher(_ id: Int) {
    watchers[id] = nil
  }

  func publish(_ event: StoreEvent) {
    history.append(event)
    for watcher in watchers.values where watcher.hears(event) { watcher.continuation.yield(.event(event)) }
  }

  /// Sends a watch the current resourceVersion.
  func sendBookmark(to id: Int) {
    watchers[id]?.continuation.yield(.bookmark(revision))
  }

  /// Ends a watch as the server does after its timeout.
  func endWatch(_ id: Int) {
    watchers.removeValue(forKey: id)?.continuation.finish()
  }

  /// Ends the watches of a resource, as a restarted server or a broken connection does.
  /// - Parameter abruptly: whether to break the connection instead of ending the response.
  func cutWatches(of resource: ResourceIdentifier?, abruptly: Bool) {
    for (id, watcher) in watchers where watcher.resource != nil && (resource == nil || resource == watcher.resource) {
      watchers[id] = nil
      watcher.continuation.finish(throwing: abruptly ? AnswerCut() : nil)
    }
  }

  /// Drops the history: watches and pages from earlier versions are `410 Expired` from now on.
  public func compact() {
    history.forgetAll()
  }

  /// The objects of a kind at a version.
  /// - Throws: `ServerStatus` if the history does not go back that far.
  func list(_ resource: ResourceIdentifier, namespace: String?, at revision: Int) throws -> [JSONValue] {
    guard let events = history.events(after: revision) else { throw ServerStatus.expiredContinue }
    var objects: [ObjectAddress: JSONValue] = [:]
    for object in list(resource, namespace: namespace) {
      objects[ObjectAddress(resource, namespace: object.namespace, name: object.name)] = object
    }
    for event in events.reversed()
    where event.key.resource == resource && (namespace == nil || namespace == event.key.namespace) {
      objects[event.key] = event.previous
    }
    return objects.sorted { $0.key.path < $1.key.path }.map(\.value)
  }
}
