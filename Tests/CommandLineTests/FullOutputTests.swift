import Foundation
import Testing

/// An empty report is not to pass for a good one.
@Suite(.timeLimit(.minutes(5))) struct FullOutputTests {
  @Test(arguments: [
    ["certs", "create", "--out", "DIR/new"], ["certs", "inspect", "DIR/ca.pem", "-o", "json"],
    ["check", "DIR/server.pem", "-o", "sarif"], ["render", "operator", "-f", "DIR/milvus.yaml"],
    ["render", "operator", "-f", "DIR/milvus.yaml", "--diff"], ["report", "-f", "DIR/milvus.yaml", "-o", "-"],
    ["completion", "bash"],
  ])
  func aFullStandardOutputIsAnError(arguments: [String]) throws {
    let folder = try Folder()
    defer { folder.remove() }
    try #require(try ProgramRun(["certs", "create", "--out", folder.path]).status == 0)
    try folder.write(
      "apiVersion: milvus.io/v1beta1\nkind: Milvus\nmetadata: {name: my-release}\nspec: {mode: standalone}\n",
      to: "milvus.yaml"
    )
    let process = Process(milvusTLS: arguments.map { $0.replacing("DIR", with: folder.path) })
    let errors = Pipe()
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
    process.standardError = errors
    try process.run()
    let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(
      text == "Error: standard output: No space left on device: make room there, or use another folder\n",
      "\(text)"
    )
  }
}
