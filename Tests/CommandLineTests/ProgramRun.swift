import Foundation

/// One run of the program `milvus-tls`, as a user sees it.
struct ProgramRun {
  let status: Int32
  let output: String
  let errors: String

  /// Runs it to its end.
  /// - Parameter environment: beside what the tests have; `LOG_LEVEL` and a pod's variables are not passed on.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments = ["60", Self.program.path] + arguments
    let inherited = ProcessInfo.processInfo.environment.filter {
      !["LOG_LEVEL", "KUBECONFIG", "KUBERNETES_SERVICE_HOST"].contains($0.key)
    }
    process.environment = inherited.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Both are short enough for a pipe's buffer.
    self.output = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    self.errors = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }

  /// The program beside the tests.
  private static var program: URL {
    (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]))
      .deletingLastPathComponent().appending(path: "milvus-tls")
  }
}
