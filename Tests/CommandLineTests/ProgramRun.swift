import Foundation

/// One run of the program `milvus-tls`, as a user sees it.
struct ProgramRun {
  let status: Int32
  let output: String
  let errors: String

  /// Runs it to its end.
  /// - Parameters:
  ///   - program: under which path; nil for the one beside the tests.
  ///   - input: its standard input, short enough for a pipe's buffer.
  init(
    _ arguments: [String],
    environment: [String: String] = [:],
    program: URL? = nil,
    input: String? = nil
  ) throws {
    let process = Process(milvusTLS: arguments, environment: environment)
    if let program { process.executableURL = program }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    let standardInput = Pipe()
    if let input {
      process.standardInput = standardInput
      standardInput.fileHandleForWriting.write(Data(input.utf8))
      try standardInput.fileHandleForWriting.close()
    }
    try process.run()
    // Both are short enough for a pipe's buffer.
    self.output = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    self.errors = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }
}

extension ProgramRun {
  /// Runs it to its end on a thread of its own: the simulated cluster that it talks to needs those of the tasks.
  static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> ProgramRun {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try ProgramRun(arguments, environment: environment) })
      }
    }
  }
}

extension Process {
  /// The program beside the tests.
  /// - Parameter environment: beside what the tests have; their kubeconfig, `LOG_LEVEL` and a pod's variables are not
  ///   passed on.
  convenience init(milvusTLS arguments: [String], environment: [String: String] = [:]) {
    self.init()
    let tests = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    executableURL = tests.deletingLastPathComponent().appending(path: "milvus-tls")
    self.arguments = arguments
    let inherited = ProcessInfo.processInfo.environment.filter {
      !["LOG_LEVEL", "KUBERNETES_SERVICE_HOST"].contains($0.key)
    }
    // Whatever a test gets wrong, no operator is to run on somebody's cluster.
    self.environment = inherited.merging(["KUBECONFIG": "/nonexistent"]) { $1 }.merging(environment) { $1 }
    standardInput = FileHandle.nullDevice
  }
}
