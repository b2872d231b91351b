import ArgumentParser
import Foundation
import JSON
import YAML

/// `milvus-tls render helm`: adds TLS to the values of the Milvus chart.
struct RenderHelmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "helm",
    abstract: "Add TLS to values of the Milvus chart (milvus-helm 5).",
    discussion: """
      The chart's Service has no port for REST. With --rest-service, print one that has.

      Examples:
        milvus-tls render helm -f values.yaml --external TwoWay --diff
        milvus-tls render helm -f values.yaml --rest-service
      """
  )

  @Option(name: [.short, .customLong("filename")], help: "File with values; - for standard input.")
  var file: String

  @Option(help: "Name of the Helm release.")
  var release = "my-release"

  @Option(name: .shortAndLong, help: "Namespace of the Helm release.")
  var namespace = "default"

  @Flag(help: "Print the Service for REST instead of the values.")
  var restService = false

  @OptionGroup
  var options: RenderOptions

  func validate() throws {
    try options.validateInput(file)
    if release.isEmpty { throw ValidationError("--release \"\": must not be empty") }
    if restService, options.diff || options.inPlace {
      throw ValidationError("--rest-service: cannot be used with --diff or --in-place")
    }
  }

  func run() throws {
    let source = try SourceFile(reading: file)
    guard source.editor.documents.count == 1 else { throw source.failure("values are one document", at: "", in: 1) }
    let values = try ChartValues(source, release: release, namespace: namespace)
    let rendered = try values.rendered(options.spec)
    guard restService else {
      return try RenderedFiles(files: [(source, try source.applying([values.change(for: rendered)]))]).deliver(options)
    }
    guard let port = rendered.restPort else {
      throw CommandFailure("\(source.name): no Service for REST is needed: REST or external TLS is off")
    }
    try StandardOutput.write(YAML.serialize(values.restService(port)))
  }
}
