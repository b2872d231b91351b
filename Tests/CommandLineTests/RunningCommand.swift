import Foundation

/// The program `milvus-tls` while it runs.
struct RunningCommand {
  /// The lines of its standard error, as they come; to be read once.
  let errors: Lines
  private let output: Lines
  private let process: Process
  private let ends: AsyncStream<Void>

  init(_ arguments: [String]) throws {
    process = Process(milvusTLS: arguments)
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    self.output = Lines(output.fileHandleForReading)
    self.errors = Lines(errors.fileHandleForReading)
    self.ends = ends
  }

  /// All that it prints, once it has ended.
  func text() async -> String {
    var text = ""
    for await line in output { text += line + "\n" }
    return text
  }

  /// What it ends with.
  func status() async -> Int32 {
    for await _ in ends {}
    return process.terminationStatus
  }

  /// What Ctrl-C sends.
  func interrupt() { process.interrupt() }

  /// Ends it where it still runs.
  func end() {
    if process.isRunning { process.terminate() }
  }
}
