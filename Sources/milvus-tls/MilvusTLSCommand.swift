import ArgumentParser
import Foundation
import Operator

/// The command line: see docs/reference.md.
@main
struct MilvusTLSCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "milvus-tls",
    abstract: "TLS for Milvus on Kubernetes: certificates, configuration, proof.",
    version: Version.current,
    subcommands: [OperatorCommand.self, DemoCommand.self]
  )

  /// Runs the command; unusable arguments end it with status 2, any other failure with 1, each in one line on standard error.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      if exitCode(for: error) == .validationFailure {
        FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
        Foundation.exit(2)
      }
      exit(withError: error)
    }
  }
}
