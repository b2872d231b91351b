import ArgumentParser
import MilvusTLS
import Observability
import Operator

/// `milvus-tls rotate`: requests a rotation now.
struct RotateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Rotate the certificates of a Milvus, or its CA.",
    discussion: """
      Requests the rotation by an annotation on the Milvus. The pods restart as in any renewal.

      Examples:
        milvus-tls rotate my-release
        milvus-tls rotate my-release --authority --wait --timeout 2h
      """
  )

  @OptionGroup
  var release: ReleaseOptions

  @Flag(help: "Rotate the CA and every certificate it issued, without downtime.")
  var authority = false

  @Flag(help: "Wait until all pods are verified to use the new certificates.")
  var wait = false

  @Option(help: "Maximum time to wait, for example 90s or 1h30m; requires --wait. Default: 10m.")
  var timeout: TimeLimit?

  @Option(name: .shortAndLong, help: "Output format.")
  var output: OutputFormat = .table

  private var limit: TimeLimit { timeout ?? TimeLimit(argument: "10m") }

  func validate() throws {
    _ = try limit.duration
    if timeout != nil, !wait { throw ValidationError("--timeout: requires --wait") }
  }

  func run() async throws {
    let release = try release.release()
    let request = RotationRequest(authority ? .authority : .certificates)
    let before = try await RotationSource(of: release, for: request.subject).milvusTLS
    try await release.patch(.milvuses, before.milvusName, request.patch)
    var report = RotationReport(request: request, milvusTLS: before, isDone: false)
    if wait {
      StandardError.write(report.requested + "\n")
      let after = try await outcome(of: request, in: release, before: before)
      report = RotationReport(request: request, milvusTLS: after, isDone: true)
    }
    try StandardOutput.write(output.text(report.json, table: report.text))
  }

  /// Waits until the rotation ends, and prints what it is waiting for.
  /// - Throws: `CommandFailure` if the rotation fails or does not end in time.
  private func outcome(
    of request: RotationRequest,
    in release: Release,
    before: ObservedMilvusTLS
  ) async throws -> ObservedMilvusTLS {
    var progress = RotationProgress(request, before: before)
    var obstacles: [String] = []
    var outcome: ObservedMilvusTLS?
    try await release.follow(until: .now + limit.duration) { observed in
      guard let observed else {
        throw CommandFailure("the MilvusTLS of \(release.name.debugDescription) was deleted")
      }
      switch progress.state(of: observed) {
      case .done:
        outcome = observed
        return .stop
      case .failed(let reason): throw CommandFailure(reason)
      case .goingOn(let present):
        for obstacle in present where !obstacles.contains(obstacle) { StandardError.write(obstacle + "\n") }
        obstacles = present
        return .goOn
      }
    }
    guard let outcome else {
      let last = obstacles.isEmpty ? "no status received from the cluster" : obstacles.joined(separator: "; ")
      throw CommandFailure("timed out after \(limit.text); the rotation continues: \(last)")
    }
    return outcome
  }
}
