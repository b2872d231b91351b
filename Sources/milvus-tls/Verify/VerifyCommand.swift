import ArgumentParser
import Foundation
import JSON
import MilvusTLS
import Observability
import Operator

/// `milvus-tls verify`: prints what the operator has verified for each pod and port.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Show whether each pod and port of a Milvus uses the specified TLS.",
    discussion: """
      Exit status: 0 if verified, 1 if refuted, 3 if unknown.

      Examples:
        milvus-tls verify my-release
        milvus-tls verify my-release -n vectors --watch
        milvus-tls verify my-release -o json
      """
  )

  @OptionGroup
  var release: ReleaseOptions

  @Option(name: .shortAndLong, help: "Output format.")
  var output: OutputFormat = .table

  @Flag(name: .shortAndLong, help: "Watch for changes after printing the first report.")
  var watch = false

  @Flag(help: "Ask the ports of the pods now. This machine has to reach the pods' IP addresses.")
  var probe = false

  func validate() throws {
    if probe, watch {
      throw ValidationError("--probe: cannot be used with --watch, which shows what the operator proves")
    }
  }

  func run() async throws {
    let release = try release.release()
    let report = VerificationReport(
      probe ? try await ReleaseProbe(release).judged() : try await release.milvusTLS()
    )
    try write(output.text(report.json, table: report.table))
    if watch { return try await follow(release, from: report) }
    if report.verdict != .true { throw ExitCode(report.exitStatus) }
  }

  /// Prints each report that differs from the last.
  private func follow(_ release: Release, from first: VerificationReport) async throws {
    var last: VerificationReport? = first
    try await release.follow { observed in
      let next = observed.map(VerificationReport.init)
      if next != last { try tell(next, of: release) }
      last = next
      return .goOn
    }
  }

  private func tell(_ report: VerificationReport?, of release: Release) throws {
    guard let report else {
      return StandardError.write("Warning: the MilvusTLS of \(release.name.debugDescription) was deleted\n")
    }
    try write(output.separator + output.text(report.json, table: report.table))
  }

  /// Writes without buffering: a program may read the output of `--watch` line by line.
  private func write(_ text: String) throws {
    try StandardOutput.write(text)
  }
}
