import Foundation

/// The `openssl` command, the judge that shares no code with this module, in a folder of its own that goes when this
/// does.
final class OpenSSLCommand {
  struct Result {
    let status: Int32
    /// Standard output and standard error.
    let output: String
  }

  private let folder = FileManager.default.temporaryDirectory.appending(path: "pki-tests-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(
      at: folder,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func write(_ text: String, to name: String) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
  }

  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// Runs `openssl` in the folder with no terminal to ask.
  func callAsFunction(_ arguments: String...) throws -> Result {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "60", "openssl"] + arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Result(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }
}
