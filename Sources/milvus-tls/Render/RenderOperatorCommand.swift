import ArgumentParser
import Foundation
import JSON
import MilvusTLS
import YAML

/// `milvus-tls render operator`: adds to Milvus resources what the operator would add.
struct RenderOperatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator",
    abstract: "Add TLS to Milvus resources (milvus-operator)."
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
    let stream = MilvusStream(source, options: options)
    let rendered = try stream.rendered()
    var text = try source.applying(
      rendered.map { YAMLEditor.Change(document: $0.document, target: $0.milvus.resource) }
    )
    if withSecrets {
      for release in rendered where !stream.hasSecret(release) {
        let lineBreak = text.contains("\r\n") ? "\r\n" : "\n"
        if !text.hasSuffix(lineBreak) { text += lineBreak }
        for secret in try release.milvus.issueSecrets() {
          text += try Self.document(secret, in: release.namespace, lineBreak: lineBreak)
        }
      }
    }
    try RenderedFiles(files: [(source, text)]).deliver(options)
  }

  private static func document(
    _ secret: RenderedMilvus.Secret,
    in namespace: String?,
    lineBreak: String
  ) throws -> String {
    var metadata: JSONValue = ["name": .string(secret.name)]
    metadata["namespace"] = namespace.map(JSONValue.string)
    let data = secret.files.mapValues { JSONValue.string(Data($0.utf8).base64EncodedString()) }
    let object: JSONValue = [
      "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": .object(data),
    ]
    let lines = try YAML.serialize(object).split(separator: "\n").map { $0 + lineBreak }
    return "---" + lineBreak + lines.joined()
  }
}
