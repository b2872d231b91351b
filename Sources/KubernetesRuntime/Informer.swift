import Foundation
import Kubernetes
import Logging
import Synchronization

/// Keeps an `ObjectStore` in step with a resource on the server: a list, then a watch from there, again and again.
public final class Informer<Value: Sendable>: Sendable {
  /// What became of an object: nil before means that it is new, nil after that it is gone.
  public typealias Change = @Sendable (_ key: ObjectKey, _ before: Value?, _ after: Value?) async -> Void

  /// Where the informer stands.
  private enum State {
    /// Nothing is known, or what is known is too old to go on from: the next step lists. Entered at the start and on 410 Gone.
    case unlisted
    /// Everything up to this resourceVersion is in the store: the next step watches from there. Entered from a complete list, and
    /// kept, with the version of the last event, when a watch ends.
    case listed(resourceVersion: String)
  }

  /// The objects, as last seen.
  public let store = ObjectStore<Value>()

  private let client: KubernetesClient
  private let resource: Resource
  private let namespace: String?
  private let labelSelector: String?
  private let keep: @Sendable (KubernetesObject) -> Value?
  private let onChange: Change
  private let logger: Logger
  private let synced = Latch()

  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - keep: what to keep of an object; nil leaves it out.
  ///   - onChange: called for every difference, in the server's order, after the store has it.
  public init(
    client: KubernetesClient,
    resource: Resource,
    namespace: String?,
    labelSelector: String? = nil,
    logger: Logger,
    keep: @escaping @Sendable (KubernetesObject) -> Value?,
    onChange: @escaping Change
  ) {
    self.client = client
    self.resource = resource
    self.namespace = namespace
    self.labelSelector = labelSelector
    self.logger = logger
    self.keep = keep
    self.onChange = onChange
  }

  /// Waits until the first list is in the store, or the task is cancelled.
  public func waitUntilSynced() async {
    await synced.wait()
  }

  /// Lists and watches until the task is cancelled. Failures are logged and tried again with growing, jittered waits.
  public func run() async {
    var state = State.unlisted
    var backoff = Backoff(base: .milliseconds(200), limit: .seconds(30))
    while !Task.isCancelled {
      do {
        try await step(&state) { backoff.reset() }
      } catch is CancellationError {
        return
      } catch {
        if Task.isCancelled { return }
        if case KubernetesError.api(let status) = error, status.isGone { state = .unlisted }
        let wait = backoff.next()
        logger.warning("\(resource.plural): \(error); next try in \(wait.inSeconds)")
        try? await Task.sleep(for: wait)
      }
    }
  }

  private func step(_ state: inout State, onProgress: () -> Void) async throws {
    switch state {
    case .unlisted:
      state = .listed(resourceVersion: try await list())
      onProgress()
    case .listed(let version):
      try await watch(from: version, state: &state, onProgress: onProgress)
    }
  }

  /// Lists everything, page by page, and reports what differs from the store.
  private func list() async throws -> String {
    var listed: [ObjectKey: Value] = [:]
    var version = ""
    for try await page in client.pages(resource, namespace: namespace, labelSelector: labelSelector) {
      for object in page.items {
        if let value = keep(object) { listed[object.key] = value }
      }
      version = page.resourceVersion
    }
    let before = store.replace(with: listed)
    synced.open()
    for (key, value) in listed { await onChange(key, before[key], value) }
    for (key, value) in before where listed[key] == nil { await onChange(key, value, nil) }
    return version
  }

  /// Follows one watch until the server ends it; the state keeps up with its events, so that a break loses none and repeats none.
  private func watch(from start: String, state: inout State, onProgress: () -> Void) async throws {
    // Jitter keeps the watches of many clients from ending together (client-go waits 5 to 10 minutes).
    let timeout = Duration.seconds(Int.random(in: 300...600))
    let events = try await client.watch(
      resource,
      namespace: namespace,
      resourceVersion: start,
      labelSelector: labelSelector,
      timeout: timeout
    )
    for try await event in events {
      switch event {
      case .added(let object), .modified(let object): await take(object, isDeleted: false, state: &state)
      case .deleted(let object): await take(object, isDeleted: true, state: &state)
      case .bookmark(let version): state = .listed(resourceVersion: version)
      }
      onProgress()
    }
  }

  private func take(_ object: KubernetesObject, isDeleted: Bool, state: inout State) async {
    state = .listed(resourceVersion: object.resourceVersion)
    let key = object.key
    let value = isDeleted ? nil : keep(object)
    let before = store.update(key, to: value)
    guard before != nil || value != nil else { return }
    await onChange(key, before, value)
  }
}

extension KubernetesObject {
  /// Namespace and name.
  public var key: ObjectKey { ObjectKey(namespace: namespace ?? "", name: name) }
}

extension Duration {
  /// The length for people, in tenths of a second: `1.5 s`.
  fileprivate var inSeconds: String {
    formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1)))
  }
}
