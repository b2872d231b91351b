import Kubernetes
import KubernetesRuntime
import Logging
import Synchronization

/// Whether cert-manager is installed, which the definition of its Certificates tells.
///
/// The definition is an object of the cluster, and a Role in a namespace cannot permit to read it. An operator of some
/// namespaces, or without that right, asks for the Certificates there: the server answers 404 if there is no such resource. While they
/// are followed, the watch tells when that ends.
final class CertManagerPresence: Sendable {
  private static let definition = ObjectKey(namespace: "", name: "certificates.cert-manager.io")

  private let client: KubernetesClient
  /// A single nil for all.
  private let scopes: [String?]
  private let logger: Logger
  private let onChange: @Sendable () async -> Void
  private let definitions: Informer<String>
  private let known = Latch()
  /// What the server answered to a request for Certificates; nil if the definition tells.
  private let served = Mutex<Bool?>(nil)
  /// Gets an element when Certificates are not found that were followed.
  private let losses: AsyncStream<Void>
  private let lost: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - namespaces: those to ask for Certificates; empty for all.
  ///   - onChange: called when `isInstalled` may have changed.
  init(
    client: KubernetesClient,
    namespaces: [String],
    history: ServerHistory,
    logger: Logger,
    onChange: @escaping @Sendable () async -> Void
  ) {
    self.client = client
    self.logger = logger
    self.onChange = onChange
    scopes = namespaces.isEmpty ? [nil] : namespaces
    (losses, lost) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    definitions = Informer(
      client: client,
      resource: .customResourceDefinitions,
      fieldSelector: "metadata.name=\(Self.definition.name)",
      metadataOnly: true,
      history: history,
      logger: logger,
      transform: { $0.json[path: "metadata", "uid"]?.string },
      onChange: { _, _, _ in await onChange() }
    )
  }

  /// Nil if it is not known yet.
  var isInstalled: Bool? {
    known.isOpen ? served.withLock { $0 } ?? (definitions.store[Self.definition] != nil) : nil
  }

  func waitUntilKnown() async { await known.wait() }

  /// Takes in that Certificates were not found, though they are followed.
  /// - Returns: false if the definition tells, and has not told yet.
  @discardableResult
  func noteMissing() -> Bool {
    guard served.withLock({ $0 != nil }) else { return false }
    lost.yield()
    return true
  }

  /// Keeps `isInstalled` up to date until the task is cancelled.
  func run() async {
    guard scopes == [nil], await mayReadDefinition() else {
      await askForCertificates()
      return
    }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.definitions.run() }
      await definitions.waitUntilSynced()
      await announce()
    }
  }

  private func announce() async {
    known.open()
    await onChange()
  }

  private func mayReadDefinition() async -> Bool {
    let selector = "metadata.name=\(Self.definition.name)"
    var backoff = Self.backoff
    while !Task.isCancelled {
      do {
        _ = try await client.currentVersion(of: .customResourceDefinitions, namespace: nil, fieldSelector: selector)
        return true
      } catch KubernetesError.api(let status) where status.code == 403 {
        return false
      } catch {
        await wait(after: error, &backoff)
      }
    }
    return false
  }

  private func askForCertificates() async {
    var backoff = Self.backoff
    var losses = losses.makeAsyncIterator()
    while !Task.isCancelled {
      do {
        let isServed = try await areCertificatesServed()
        if served.withLock({ $0 }) != isServed {
          served.withLock { $0 = isServed }
          await announce()
        }
        if isServed {
          backoff.reset()
          _ = await losses.next()
        } else {
          try? await Task.sleep(for: backoff.next())
        }
      } catch {
        await wait(after: error, &backoff)
      }
    }
  }

  /// - Throws: if no watched namespace permits to ask, or none answers.
  private func areCertificatesServed() async throws -> Bool {
    var failure: (any Error)?
    for scope in scopes {
      do {
        _ = try await client.currentVersion(of: .certificates, namespace: scope)
        return true
      } catch KubernetesError.api(let status) where status.isNotFound {
        return false
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return false
  }

  private func wait(after error: any Error, _ backoff: inout Backoff) async {
    if Task.isCancelled { return }
    let wait = backoff.next()
    logger.warning("cannot tell whether cert-manager is installed: \(error); retrying in \(wait)")
    try? await Task.sleep(for: wait)
  }

  private static var backoff: Backoff { Backoff(base: .seconds(1), limit: .seconds(30)) }
}
