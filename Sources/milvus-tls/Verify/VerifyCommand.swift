import ArgumentParser
import Foundation
import JSON
import MilvusTLS
import Observability
import Operator

/// `milvus-tls verify`: prints what the operator has proved of each pod and each endpoint.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Print for each pod and endpoint of a Milvus whether it was seen to use TLS as asked for.",
    discussion: "Exit status: 0 where all is verified, 1 where something is refuted, 3 where it is not known."
  )

  @OptionGroup
  var release: ReleaseOptions

  @Option(name: .shortAndLong, help: "Form of the output.")
  var output: OutputFormat = .table

  @Flag(name: .shortAndLong, help: "Print again whenever it changes, until interrupted.")
  var watch = false

  func run() async throws {
    let release = try release.release()
    let report = VerificationReport(try await release.milvusTLS())
    try write(output.text(report.json, table: report.table))
    if watch { return try await follow(release, from: report) }
    if report.verdict != .verified { throw ExitCode(report.verdict.exitStatus) }
  }

  /// Prints every further report.
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
      return StandardError.write("Warning: the MilvusTLS of \(release.name.debugDescription) is gone\n")
    }
    try write(output.separator + output.text(report.json, table: report.table))
  }

  /// At once: a program that reads the output of `--watch` waits for it.
  private func write(_ text: String) throws {
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}
