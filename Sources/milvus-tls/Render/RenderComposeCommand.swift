import ArgumentParser
import Foundation
import JSON
import MilvusTLS
import YAML

/// `milvus-tls render compose`: adds TLS to a Compose file and to the milvus.yaml that its services mount.
struct RenderComposeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compose",
    abstract: "Add TLS to a Docker Compose file and its milvus.yaml.",
    discussion: """
      The services mount server.pem, server.key and ca.pem from the folder tls beside the Compose file. Prints both \
      files; --in-place writes them.

      Examples:
        milvus-tls render compose -f docker-compose.yml --milvus-yaml milvus.yaml
      """
  )

  @Option(name: [.short, .customLong("filename")], help: "Compose file; - for standard input.")
  var file: String

  @Option(help: "The milvus.yaml that the services mount.")
  var milvusYaml: String

  @OptionGroup
  var options: RenderOptions

  func validate() throws {
    try options.validateInput(file)
    if milvusYaml == "-" { throw ValidationError("--milvus-yaml: needs a file, not standard input") }
  }

  func run() throws {
    let compose = try SourceFile(reading: file)
    guard compose.editor.documents.count == 1 else {
      throw compose.failure("a Compose file is one document", at: "", in: 1)
    }
    let settings = try SourceFile(reading: milvusYaml)
    guard !settings.isSameFile(as: compose) else {
      throw CommandFailure("--milvus-yaml: \(milvusYaml) is the Compose file; name the milvus.yaml of its services")
    }
    let services = try ComposeServices(compose)
    let configuration = try ComposeConfiguration(settings, services)
    let rendered = try configuration.rendered(options.spec)
    let target = try services.target(for: rendered, milvusYaml: milvusYaml)
    try RenderedFiles(
      files: [
        (compose, try compose.applying([YAMLEditor.Change(target: target)])),
        (settings, try settings.applying([configuration.change(for: rendered)])),
      ]
    ).deliver(options)
  }
}
