import ArgumentParser
import MilvusTLS
import YAML

/// `milvus-tls render operator`: adds to Milvus resources what the operator would add.
struct RenderOperatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator",
    abstract: "Add TLS to Milvus resources (milvus-operator).",
    discussion: """
      Examples:
        milvus-tls render operator -f milvus.yaml --external TwoWay --diff
        milvus-tls render operator -f milvus.yaml --with-secrets
      """
  )

  @Option(name: [.short, .customLong("filename")], help: "File with Milvus resources; - for standard input.")
  var file: String

  @Flag(help: "Issue certificates, and print their Secrets behind the resources.")
  var withSecrets = false

  @OptionGroup
  var options: RenderOptions

  func validate() throws { try options.validateInput(file) }

  func run() throws {
    let source = try SourceFile(reading: file)
    let stream = try MilvusStream(source, options: options, withSecrets: withSecrets)
    let rendered = try stream.rendered()
    let secrets = withSecrets ? try stream.issueSecrets(for: rendered) : []
    let text = try source.applying(
      rendered.map { YAMLEditor.Change(document: $0.document, target: $0.milvus.resource) },
      appending: secrets
    )
    try RenderedFiles(files: [(source, text)], gainKeys: !secrets.isEmpty).deliver(options)
  }
}
