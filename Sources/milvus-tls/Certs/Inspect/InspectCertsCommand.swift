import ArgumentParser
import Foundation
import Kubernetes
import Operator

/// `milvus-tls certs inspect`: shows certificates and what Milvus objects to.
struct InspectCertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show certificates, and what Milvus would object to.",
    discussion: """
      Judges certificates by the rules of the operator, which are those of Go and so of Milvus. Compares a file with the \
      private key of the same name and with ca.pem in its folder, where they are there. Never prints a private key.

      Examples:
        milvus-tls certs inspect tls/server.pem
        cat tls/server.pem tls/ca.pem | milvus-tls certs inspect -
        milvus-tls certs inspect secret/certs -n milvus
        milvus-tls certs inspect milvus.example.com:19530 -o json
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A file in PEM, - for standard input, a Secret, or the address of a server.",
      valueName: "FILE|-|secret/NAME|HOST:PORT"
    ),
    transform: InspectionSource.init(argument:)
  )
  var source: InspectionSource

  @OptionGroup
  var namespaced: NamespaceOptions

  @Option(name: .shortAndLong, help: "Output format.")
  var output: OutputFormat = .table

  func run() async throws {
    let inspection = try await inspection(at: Date())
    try StandardOutput.write(output.text(inspection.json, table: inspection.text))
  }

  private func inspection(at now: Date) async throws -> Inspection {
    switch source {
    case .standardInput:
      let files = InspectedFiles(name: "standard input", contents: try InputFile.standardInput())
      return try Inspection(of: files, source: "-", now: now)
    case .file(let path): return try Inspection(of: InspectedFiles(path: path), source: path, now: now)
    case .secret(let name):
      let release = try namespaced.release("")
      let secret = try await release.read(.secrets, name)
      return try Inspection(of: InspectedFiles(secret: secret), source: "secret/\(name)", now: now)
    case .server(let host, let port):
      return try Inspection(of: await TLSHandshake(host: host, port: port, at: now), now: now)
    }
  }
}
