import Foundation
import Synchronization

/// The credential of an exec plugin, cached until it expires or the server rejects it. Concurrent requests that need a
/// new credential share one run of the plugin.
final class ExecCredentialSource: Sendable {
  private struct State {
    var credential: ExecCredential?
    var run: ExecRun?
  }

  /// How long before its expiration a credential counts as expired: requests take time, and clocks differ.
  private static let margin: TimeInterval = 5

  private let plugin: ExecPlugin
  private let state = Mutex(State())

  init(_ plugin: ExecPlugin) {
    self.plugin = plugin
  }

  /// A credential that has not expired.
  /// - Throws: `KubernetesError.configuration` if the plugin fails; `CancellationError`.
  func credential() async throws -> ExecCredential {
    let (known, run) = state.withLock { state in
      if let known = state.credential, !Self.isExpired(known) { return (known as ExecCredential?, nil as ExecRun?) }
      if let run = state.run { return (nil, run) }
      let run = ExecRun()
      state.run = run
      begin(run)
      return (nil, run)
    }
    if let known { return known }
    guard let run else { throw CancellationError() }
    return try await run.value()
  }

  /// Discards a credential that the server rejected, unless it has been replaced already.
  func discard(_ credential: ExecCredential) {
    state.withLock { state in
      if state.credential == credential { state.credential = nil }
    }
  }

  private func begin(_ run: ExecRun) {
    // A detached task: the request that started the run may be cancelled while others wait for it.
    Task.detached {
      let result: Result<ExecCredential, any Error>
      do {
        result = .success(try await self.plugin.run())
      } catch {
        result = .failure(error)
      }
      self.state.withLock { state in
        state.credential = try? result.get()
        state.run = nil
      }
      run.finish(result)
    }
  }

  private static func isExpired(_ credential: ExecCredential) -> Bool {
    guard let expiration = credential.expiration else { return false }
    return expiration.timeIntervalSinceNow < margin
  }
}
