import ArgumentParser
import Foundation
import Testing

@testable import milvus_tls

struct HelpTests {
  @Test func everyCommandHasExamplesThatFitATerminal() {
    var commands: [any ParsableCommand.Type] = MilvusTLSCommand.configuration.subcommands
    #expect(commands.count >= 9)
    while let command = commands.popLast() {
      let subcommands = command.configuration.subcommands
      commands += subcommands
      let lines = command.configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
      let examples = lines.drop { $0 != "Examples:" }.dropFirst()
      guard subcommands.isEmpty else { continue }
      #expect(examples.contains { $0.hasPrefix("  milvus-tls ") || $0.contains("(milvus-tls ") }, "\(command)")
      #expect(examples.allSatisfy { $0.count < 80 }, "\(command)")
    }
  }

  @Test func asAPluginOfKubectlItCallsItselfSo() throws {
    let folder = try Folder()
    defer { folder.remove() }
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    let plugin = URL(filePath: folder.path).appending(path: "kubectl-milvus_tls")
    let program = try #require(Process(milvusTLS: []).executableURL)
    try FileManager.default.createSymbolicLink(at: plugin, withDestinationURL: program)
    let help = try ProgramRun(["status", "--help"], program: plugin)
    #expect(help.output.contains("USAGE: kubectl milvus-tls status [<name>]"))
    let script = try ProgramRun(["completion", "bash"], program: plugin)
    #expect(script.output == (try ProgramRun(["completion", "bash"])).output)
  }
}
