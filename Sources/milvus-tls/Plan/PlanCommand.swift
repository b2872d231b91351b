import ArgumentParser
import Foundation
import JSON
import MilvusTLS

/// `milvus-tls plan`: prints what the operator would do for a Milvus within the next year.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what the operator would do for a Milvus now and within the next year.",
    discussion: """
      Runs the operator's own planner on the present state, then on a copy in memory from one date to the next. It \
      writes nothing to the cluster, and assumes that nobody changes anything and that every rollout succeeds. It needs \
      the rights to list MilvusTLS, Secrets and pods, and to get the Milvus.

      Examples:
        milvus-tls plan my-release
        milvus-tls plan my-release -n vectors -o json
      """
  )

  @OptionGroup
  var release: ReleaseOptions

  @Option(name: .shortAndLong, help: "Output format.")
  var output: OutputFormat = .table

  func run() async throws {
    // In whole seconds, as the API stores times.
    let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
    let simulated = try await SimulatedRelease(reading: release.release(), now: now)
    let report = PlanReport(try await Forecast(of: simulated, until: now + 365 * 86400))
    try StandardOutput.write(output.text(report.json, table: report.text))
  }
}
