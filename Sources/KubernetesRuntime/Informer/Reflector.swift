import Kubernetes
import Logging

/// Brings one collection into a store and keeps it there: an informer has one for each namespace, or one for all.
struct Reflector<Value: Sendable & Equatable>: Sendable {
  /// A watch that lasted this long was a healthy one: failures before it are forgotten.
  static var healthyAfter: Duration { .seconds(10) }

  /// Where it stands.
  private enum State {
    /// Nothing is known, or what is known is too old to go on from: the next step lists. Entered at the start, on 410 Gone, and when the
    /// server refuses or garbles the same watch twice.
    case unlisted
    /// Everything up to this resourceVersion is in the store: the next step watches from there. Entered from a complete list, and
    /// kept, with the version of the last event, when a watch ends.
    case listed(resourceVersion: String)
  }

  let listWatch: ListWatch
  let store: ObjectStore<Value>
  let clock: MonotonicClock
  let logger: Logger
  let onChange: Informer<Value>.Change

  /// Lists and watches until the task is cancelled.
  func run(in namespace: String?, onSync: () -> Void) async {
    var state = State.unlisted
    var backoff = Backoff(base: .milliseconds(200), limit: .seconds(30))
    var refusedVersion: String?
    while !Task.isCancelled {
      let start = clock.now()
      do {
        guard case .listed = state else {
          state = .listed(resourceVersion: try await list(namespace))
          onSync()
          continue
        }
        try await watch(namespace, &state)
        if wasHealthy(since: start) {
          backoff.reset()
        } else {
          // A server that ends its watches as soon as they begin must not be asked again and again without a pause.
          try await clock.sleep(for: backoff.next())
        }
      } catch {
        if Task.isCancelled { return }
        if case InformerError.watchEventFailed = error, wasHealthy(since: start) { backoff.reset() }
        refusedVersion = recover(from: error, &state, refusedVersion: refusedVersion)
        let wait = backoff.next()
        logger.warning("\(listWatch.resource.plural): \(error); next try in \(wait.inSeconds)")
        try? await clock.sleep(for: wait)
      }
    }
  }

  private func wasHealthy(since start: Duration) -> Bool {
    clock.now() - start >= Self.healthyAfter
  }

  /// Goes on from the last version wherever that can be: a list of everything is the most costly request there is.
  /// - Parameter refusedVersion: the version from which the last failed watch, refused or garbled by the server, was to go on.
  /// - Returns: the same for the next failure.
  private func recover(from error: any Error, _ state: inout State, refusedVersion: String?) -> String? {
    guard case .listed(let version) = state, let error = (error as? InformerError)?.cause as? KubernetesError else {
      return nil
    }
    switch error {
    case .api(let status) where status.isGone:
      state = .unlisted
      return nil
    case .api(let status) where status.code == 429 || status.code >= 500: return refusedVersion
    case .transport, .configuration: return refusedVersion
    case .api, .decoding:
      // Once it can be the connection's fault. Twice it is an event that cannot be read, and a list leads past it.
      if version == refusedVersion { state = .unlisted }
      return version
    }
  }

  /// Lists everything, object by object, and reports what differs from the store.
  /// - Returns: the version of the list.
  private func list(_ namespace: String?) async throws -> String {
    var listed: Set<ObjectKey> = []
    var version = ""
    do {
      for try await event in listWatch.objects(in: namespace) {
        switch event {
        case .object(let object):
          listed.insert(object.key)
          await report(store.update(object, isDeleted: false))
        case .complete(let resourceVersion): version = resourceVersion
        }
      }
    } catch {
      throw InformerError.listFailed(error)
    }
    for change in store.removeAll(except: listed, in: namespace, listedAt: version) { await report(change) }
    return version
  }

  /// Follows one watch until the server ends it; the state keeps up with its events, so that a break loses none and repeats none.
  private func watch(_ namespace: String?, _ state: inout State) async throws {
    guard case .listed(var version) = state else { return }
    let events: WatchStream
    do {
      events = try await listWatch.watch(in: namespace, from: version)
    } catch {
      throw InformerError.watchStartFailed(error)
    }
    do {
      for try await event in events {
        let reached = try await take(event)
        // Never back: the events between would come again.
        if !ResourceVersion.isOlder(reached, than: version) { version = reached }
        state = .listed(resourceVersion: version)
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
        reason: "an object without name or resourceVersion"
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
