import ArgumentParser
import Foundation
import Operator
import PKI

/// The command line: see docs/reference.md.
@main
struct MilvusTLSCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Manage TLS for Milvus on Kubernetes.",
    version: BuildDescription.text,
    subcommands: [
      OperatorCommand.self, VerifyCommand.self, ConnectCommand.self, RotateCommand.self, AccessCommand.self,
      StatusCommand.self, PlanCommand.self, ReportCommand.self, CertsCommand.self, RenderCommand.self,
      CheckCommand.self,
      CompletionCommand.self, DemoCommand.self,
    ]
  )

  /// The name as the user types it: kubectl runs `kubectl-milvus_tls` for `kubectl milvus-tls`.
  /// https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/#names-with-dashes-and-underscores
  private static var name: String {
    let isPlugin = CommandLine.arguments.first?.split(separator: "/").last == "kubectl-milvus_tls"
    // The scripts are for the program itself, whoever prints them.
    let isScript = CommandLine.arguments.dropFirst().first == CompletionCommand.configuration.commandName
    return isPlugin && !isScript ? "kubectl milvus-tls" : "milvus-tls"
  }

  /// Runs the command. Invalid arguments exit with status 2, any other failure with 1, each with one line on standard
  /// error.
  static func main() async {
    OpenSSLLifetime.keepUntilExit()
    do {
      var command = try await asyncParseAsRoot()
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
