import ArgumentParser
import Foundation

/// `milvus-tls report`: draws the TLS of every Milvus on one page.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page of HTML about the TLS of every Milvus.",
    discussion: """
      The page has time lines of all certificates with renewals and maintenance windows, who trusts whom, and what is \
      verified, exposed and waiting. It has no scripts and needs no other files. Private keys are not shown.

      Examples:
        # The namespace of the kubeconfig context, or all
        milvus-tls report -o report.html
        milvus-tls report -A -o report.html

        # From files, without a cluster
        kubectl get milvus,milvustls,secrets -A -o yaml > all.yaml
        milvus-tls report -f all.yaml -o report.html
      """
  )

  @Option(name: .shortAndLong, help: ArgumentHelp("File to write; - for standard output.", valueName: "file.html"))
  var output: String

  @Option(
    name: [.short, .customLong("filename")],
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files with Milvus, MilvusTLS and Secrets to read instead of a cluster; - for standard input.",
      valueName: "file"
    )
  )
  var files: [String] = []

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @OptionGroup
  var namespaced: NamespaceOptions

  func validate() throws {
    if output.isEmpty { throw ValidationError("--output \"\": must be a file, or - for standard output") }
    if allNamespaces, namespaced.namespace != nil {
      throw ValidationError("--all-namespaces and --namespace exclude each other")
    }
  }

  func run() async throws {
    let input = try await read()
    let page = ReportPage(input, now: Date()).html
    guard output != "-" else { return try StandardOutput.write(page.text) }
    try ReportFile(path: output).write(page)
  }

  private func read() async throws -> ReportInput {
    guard files.isEmpty else { return try ReportInput(files: files, namespace: namespaced.namespace?.text) }
    let release = try namespaced.release("")
    return try await ReportInput(client: release.client, namespace: allNamespaces ? nil : release.namespace)
  }
}
