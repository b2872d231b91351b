import Kubernetes
import Logging

/// Lists and watches one collection into a store. An informer has one reflector per namespace, or one for all.
struct Reflector<Value: Sendable & Equatable>: Sendable {
  /// A watch that lasts this long counts as healthy and resets the backoff.
  static var healthyAfter: Duration { .seconds(10) }

  /// State of the list and watch loop.
  private enum State {
    /// Nothing is known, or the known version is too old to continue from: the next step lists. Entered at the start,
    /// on 410 Gone, and after two failures of the same watch that the server caused.
    case unlisted(known: String?)
    /// The store contains everything up to this resourceVersion: the next step watches from it. Entered after a
    /// complete list, and when the server has confirmed the version of an interrupted watch.
    case listed(resourceVersion: String)
    /// A watch from this resourceVersion, which its last event may have advanced, has ended or could not start. The next
    /// step asks for the server's current version. If etcd was restored, that is older, and a watch would wait for the
    /// server to get there, and leave out all changes until then. A restored server has restarted, so every watch is
    /// interrupted.
    case interrupted(resourceVersion: String)
  }

  let listWatch: ListWatch
  let store: ObjectStore<Value>
  let clock: MonotonicClock
  let logger: Logger
  let onChange: Informer<Value>.Change
  let onFailure: @Sendable (any Error) -> Void

  /// The server's version is older than it was before.
  private struct Restored: Error {}

  /// What a reflector reports of itself.
  enum Progress {
    /// A list is complete.
    case listed
    /// The watch has ended or failed, so that a restore of etcd may have come unnoticed.
    case interrupted
    /// There was no restore.
    case confirmed
  }

  /// Lists and watches until the task is cancelled, or the server's versions have gone back, which is logged.
  func run(in namespace: String?, report progress: (Progress) -> Void) async {
    var state = State.unlisted(known: nil)
    var backoff = Backoff(base: .milliseconds(200), limit: .seconds(30))
    var refusedVersion: String?
    while !Task.isCancelled {
      let start = clock.now()
      do {
        switch state {
        case .unlisted(let known):
          state = .listed(resourceVersion: try await list(namespace, known: known))
          progress(.listed)
          continue
        case .interrupted(let version):
          try await check(version, in: namespace)
          state = .listed(resourceVersion: version)
          progress(.confirmed)
          continue
        case .listed(let version):
          defer { progress(.interrupted) }
          try await watch(namespace, from: version, &state)
        }
        if wasHealthy(since: start) {
          backoff.reset()
        } else {
          // Prevents a busy loop if the server ends watches as soon as they begin.
          try await clock.sleep(for: backoff.next())
        }
      } catch is Restored {
        return
      } catch {
        if Task.isCancelled { return }
        if case InformerError.watchEventFailed = error, wasHealthy(since: start) { backoff.reset() }
        refusedVersion = recover(from: error, &state, refusedVersion: refusedVersion)
        onFailure((error as? InformerError)?.cause ?? error)
        let wait = backoff.next()
        logger.warning("\(listWatch.resource.plural): \(error); retrying in \(wait.inSeconds)")
        try? await clock.sleep(for: wait)
      }
    }
  }

  private func wasHealthy(since start: Duration) -> Bool {
    clock.now() - start >= Self.healthyAfter
  }

  /// Continues from the last version if possible: a full list is the most expensive request.
  /// - Parameter refusedVersion: version of the last watch that the server rejected or garbled.
  /// - Returns: the same for the next failure.
  private func recover(from error: any Error, _ state: inout State, refusedVersion: String?) -> String? {
    guard case .interrupted(let version) = state, let error = (error as? InformerError)?.cause as? KubernetesError
    else {
      return nil
    }
    switch error {
    case .api(let status) where status.isGone:
      state = .unlisted(known: version)
      return nil
    case .api(let status) where status.code == 429 || status.code >= 500: return refusedVersion
    case .transport, .configuration: return refusedVersion
    case .api, .decoding:
      // One failure may be due to the connection. After a second at the same version, an event is unreadable, and a
      // list skips it.
      if version == refusedVersion { state = .unlisted(known: version) }
      return version
    }
  }

  /// Asks whether a watch can continue from a version.
  /// - Throws: `Restored` if it cannot.
  private func check(_ version: String, in namespace: String?) async throws {
    let current: String
    do {
      current = try await listWatch.currentVersion(in: namespace)
    } catch {
      throw InformerError.versionCheckFailed(error)
    }
    try compare(current, with: version)
  }

  private func compare(_ current: String, with known: String) throws {
    guard ResourceVersion.isOlder(current, than: known) else { return }
    let kind = listWatch.resource.plural
    logger.warning(
      "\(kind): etcd was restored from a backup: it is at version \(current) and was at \(known); listing anew"
    )
    throw Restored()
  }

  /// Lists all objects one by one and reports differences from the store.
  /// - Parameter known: the newest version that the server is known to have had.
  /// - Returns: resourceVersion of the list.
  /// - Throws: `Restored` if that is older, or the list lacks what was written before it.
  private func list(_ namespace: String?, known: String?) async throws -> String {
    var listed: Set<ObjectKey> = []
    var version = ""
    /// Versions that the store knows of objects that the list has in an older one.
    var newer: [String] = []
    do {
      for try await event in listWatch.objects(in: namespace) {
        switch event {
        case .object(let object):
          listed.insert(object.key)
          if let known = store.version(of: object.key),
            ResourceVersion.isOlder(object.resourceVersion, than: known)
          {
            newer.append(known)
          }
          await report(store.update(object, isDeleted: false))
        case .complete(let resourceVersion): version = resourceVersion
        }
      }
    } catch {
      throw InformerError.listFailed(error)
    }
    if let known { try compare(version, with: known) }
    // What was written since the list began is newer than the list. What is older than the list would be in it.
    if let lost = newer.first(where: { !ResourceVersion.isOlder(version, than: $0) }) {
      let kind = listWatch.resource.plural
      logger.warning("\(kind): etcd was restored from a backup: version \(lost) of an object is lost; listing anew")
      throw Restored()
    }
    for change in store.removeAll(except: listed, in: namespace, listedAt: version) { await report(change) }
    return version
  }

  /// Watches until the server ends the watch. The state is updated after each event, so that an interruption neither
  /// loses nor repeats events.
  private func watch(_ namespace: String?, from start: String, _ state: inout State) async throws {
    var version = start
    state = .interrupted(resourceVersion: version)
    let events: WatchStream
    do {
      events = try await listWatch.watch(in: namespace, from: version)
    } catch {
      throw InformerError.watchStartFailed(error)
    }
    do {
      for try await event in events {
        let reached = try await take(event)
        // Never backwards: the events in between would be repeated.
        if !ResourceVersion.isOlder(reached, than: version) { version = reached }
        state = .interrupted(resourceVersion: version)
      }
    } catch {
      throw InformerError.watchEventFailed(error)
    }
  }

  /// - Returns: the version up to which the store is now complete.
  private func take(_ event: WatchEvent) async throws -> String {
    switch event {
    case .added(let object), .modified(let object): try await take(object, isDeleted: false)
    case .deleted(let object): try await take(object, isDeleted: true)
    case .bookmark(let version): version
    }
  }

  private func take(_ object: KubernetesObject, isDeleted: Bool) async throws -> String {
    guard !object.name.isEmpty, !object.resourceVersion.isEmpty else {
      throw KubernetesError.decoding(
        request: "WATCH \(listWatch.resource.plural)",
        reason: "an object has no name or no resourceVersion"
      )
    }
    await report(store.update(object, isDeleted: isDeleted))
    return object.resourceVersion
  }

  private func report(_ change: ObjectStore<Value>.Change?) async {
    guard let change else { return }
    await onChange(change.key, change.before, change.after)
  }
}
