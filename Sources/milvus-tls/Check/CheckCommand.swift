import ArgumentParser
import Foundation
import Operator

/// `milvus-tls check`: judges files before anything is applied.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract:
      "Judge Milvus resources, chart values, Compose files, milvus.yaml and certificates by the operator's rules.",
    discussion: """
      Tells what a file is by its contents. Files are judged together: Secrets and ConfigMaps among them count as \
      existing. Needs no cluster and changes nothing. Exit status: 0 without errors, 1 with errors, 3 with warnings and \
      --strict.

      Examples:
        milvus-tls check milvus.yaml secrets.yaml
        kustomize build . | milvus-tls check -
        milvus-tls check values.yaml tls/server.pem --strict
        milvus-tls check deploy/*.yaml -o sarif > milvus-tls.sarif
      """
  )

  @Argument(help: ArgumentHelp("Files to judge; - for standard input.", valueName: "FILE"))
  var files: [String]

  @Option(name: .shortAndLong, help: "Output format.")
  var output: CheckReport.Format = .text

  @Flag(help: "Exit with status 3 if there are warnings and no errors.")
  var strict = false

  func validate() throws {
    if files.contains("") { throw ValidationError("FILE: must not be empty") }
    if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("-: standard input can be read once") }
  }

  func run() throws {
    var seen: Set<String> = []
    let read = try files.filter { seen.insert($0).inserted }.map(CheckedFile.init(reading:))
    if let first = read.first, !read.contains(where: \.isJudged) {
      throw CommandFailure(CheckedFile.unknown(first.name))
    }
    let report = CheckReport(findings: try FileCheck(read, now: Date()).findings(), fileCount: read.count)
    try StandardOutput.write(report.text(output, version: Version.current))
    let status = report.exitStatus(isStrict: strict)
    if status != 0 { throw ExitCode(status) }
  }
}

extension CheckReport.Format: ExpressibleByArgument {}
