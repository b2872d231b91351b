import ArgumentParser
import Foundation
import JSON
import Kubernetes
import MilvusTLS
import Operator

/// `milvus-tls connect`: writes the files that a client needs and prints code that connects with them.
struct ConnectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Write client certificates to a folder and print code that connects with them.",
    discussion: """
      Writes ca.pem and, for two-way TLS, client.pem and client.key, all with mode 0600; for Attu ca.crt, tls.crt and \
      tls.key. The output of --for is a whole file or command: python and go programs, lines for a Java or Node.js \
      program, a shell command for curl and attu, a section of backup.yaml for backup.

      Examples:
        milvus-tls connect my-release
        milvus-tls connect my-release --for go --client search --directory tls
      """
  )

  @OptionGroup
  var release: ReleaseOptions

  @Option(help: "Folder for the files; created with mode 0700 if missing. Default: NAME-tls.")
  var directory: String?

  @Option(help: "Name of the client in the MilvusTLS to connect as. Default: the only client.")
  var client: String?

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("Program that connects. Default: Python and curl.", valueName: "program")
  )
  var program: ClientProgram?

  @Flag(help: "Overwrite files with different contents.")
  var force = false

  func validate() throws {
    if directory?.isEmpty ?? false { throw ValidationError("--directory \"\": must not be empty") }
  }

  func run() async throws {
    let release = try release.release()
    let milvusTLS = try await release.milvusTLS()
    let source = try ConnectionSource(milvusTLS, client: client)
    let service = try await Self.service(of: milvusTLS, in: release)
    let folder = PrivateFolder(path: directory ?? "\(milvusTLS.milvusName)-tls")
    let lines = ConnectionLines(
      service: service,
      serverName: service.serverName(covering: source.dnsNames),
      folder: folder,
      names: (program ?? .python).fileNames,
      needsIdentity: source.needsIdentity,
      usesEd25519: source.usesEd25519
    )
    let text = try program.map(lines.lines(for:)) ?? "\(lines)"
    let secret = try await release.read(.secrets, source.secretName)
    let files = try ClientFiles(secret, needsIdentity: source.needsIdentity).files(named: lines.names)
    try folder.write(files, replacing: force)
    let header = "In \(folder.url.path): \(files.map(\.name).sorted().joined(separator: ", "))"
    try StandardOutput.write("\((program ?? .python).commentMark) \(header)\n\n\(text)")
  }

  private static func service(of milvusTLS: ObservedMilvusTLS, in release: Release) async throws -> ClientService {
    let object = try await release.read(.milvuses, milvusTLS.milvusName)
    guard let milvus = ObservedMilvus(object.json) else {
      throw CommandFailure("Milvus \(release.namespace)/\(milvusTLS.milvusName): the API server returned no metadata")
    }
    return ClientService(of: milvus)
  }
}
