import ArgumentParser
import Foundation
import JSON
import MilvusTLS
import Observability
import Operator

/// `milvus-tls verify`: prints what the operator has proved of each pod and each port.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Show whether each pod and port of a Milvus uses the specified TLS.",
    discussion: "Exit status: 0 if everything is verified, 1 if something is refuted, 3 if it is not known."
  )

  @OptionGroup
  var release: ReleaseOptions

  @Option(name: .shortAndLong, help: "Output format.")
  var output: OutputFormat = .table

  @Flag(name: .shortAndLong, help: "After the first report, print each change.")
  var watch = false

  func run() async throws {
    let release = try release.release()
    let report = VerificationReport(try await release.milvusTLS())
    try write(output.text(report.json, table: report.table))
    if watch { return try await follow(release, from: report) }
    if report.verdict != .true { throw ExitCode(report.exitStatus) }
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
      return StandardError.write("Warning: the MilvusTLS of \(release.name.debugDescription) was deleted\n")
    }
    try write(output.separator + output.text(report.json, table: report.table))
  }

  /// At once: a program that reads the output of `--watch` waits for it.
  private func write(_ text: String) throws {
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}
