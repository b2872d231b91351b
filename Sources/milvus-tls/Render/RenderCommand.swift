import ArgumentParser

/// `milvus-tls render`: puts TLS into the files that somebody deploys from.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Add TLS to the files that you deploy Milvus from.",
    discussion: """
      Lines are added, and a setting that is empty or switches TLS off gets its value. Comments, order, quotes and line \
      breaks stay, and a second run changes nothing. What contradicts the TLS is an error with file, line and column.
      """,
    subcommands: [RenderOperatorCommand.self, RenderHelmCommand.self, RenderComposeCommand.self]
  )
}
