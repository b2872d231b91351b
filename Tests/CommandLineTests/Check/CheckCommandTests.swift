import Foundation
import JSON
import Testing

/// The program: its output, its exit status, and wrong uses.
@Suite(.timeLimit(.minutes(5))) struct CheckCommandTests {
  private static let conflict = """
    apiVersion: milvus.io/v1beta1
    kind: Milvus
    metadata: {name: search, annotations: {tls.milvus.io/external: OneWay}}
    spec: {config: {common: {security: {tlsMode: 2}}}}
    """
  private static let misplaced = "common:\n  internaltls: {sni: localhost}\n"
  private static let clean = "common: {security: {tlsMode: 0}}\n"

  private func run(_ text: String, _ options: String...) throws -> ProgramRun {
    let files = try CheckedFiles(["a.yaml": text])
    defer { files.folder.remove() }
    return try ProgramRun(["check"] + files.paths + options)
  }

  @Test func theStatusSaysWhatWasFound() throws {
    let clean = try run(Self.clean, "--strict")
    #expect((clean.status, clean.output, clean.errors) == (0, "0 errors, 0 warnings in 1 file\n", ""))
    #expect(try run(Self.conflict).status == 1)
    #expect(try run(Self.conflict, "--strict").status == 1)
    #expect(try run(Self.misplaced).status == 0)
    #expect(try run(Self.misplaced, "--strict").status == 3)
  }

  @Test func aFindingIsALineWithItsPlace() throws {
    let run = try run(Self.conflict)
    let lines = run.output.split(separator: "\n")
    #expect(
      lines.first?.hasSuffix(
        "/a.yaml:4:37: error: Conflict: spec.config.common.security.tlsMode is 2, must be 1 for external TLS OneWay"
      ) == true
    )
    #expect(lines.dropFirst().first?.hasPrefix("    Write the value") == true)
    #expect(lines.last == "1 error, 0 warnings in 1 file")
  }

  @Test func programsReadJSONAndSARIF() throws {
    let json = try JSONValue(parsing: try run(Self.conflict, "-o", "json").output)
    let finding = json["findings"]?[0]
    #expect(finding?["reason"] == "Conflict" && finding?["line"] == 4 && finding?["column"] == 37)
    #expect(json["errors"] == 1 && json["warnings"] == 0)
    let log = try JSONValue(parsing: try run(Self.misplaced, "-o", "sarif").output)
    #expect(log["version"] == "2.1.0")
    let entry = log["runs"]?[0]
    let result = entry?["results"]?[0]
    #expect(entry?[path: "tool", "driver", "rules"]?[0]?["id"] == result?["ruleId"])
    #expect(result?["ruleId"] == "Misplaced" && result?["level"] == "warning")
    let location = result?["locations"]?[0]?["physicalLocation"]
    #expect(location?["region"] == ["startLine": 2, "startColumn": 3])
    #expect(location?[path: "artifactLocation", "uri"]?.string?.hasSuffix("/a.yaml") == true)
  }

  @Test func standardInputIsJudged() throws {
    let files = try CheckedFiles(["a.yaml": Self.conflict])
    defer { files.folder.remove() }
    let process = Process(milvusTLS: ["check", "-"])
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: files.paths[0]))
    process.standardOutput = output
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(text.hasPrefix("<stdin>:4:37: error: Conflict: "))
  }

  struct WrongUse: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    var text = CheckCommandTests.clean
    let message: String
    var status: Int32 = 2
    var testDescription: String { "\(arguments) \(text)" }
  }

  /// `FILE` stands for a file with the text.
  private static let wrongUses = [
    WrongUse(arguments: [], message: "Missing expected argument '<FILE> ...'"),
    WrongUse(arguments: ["FILE", "--strct"], message: "Unknown option '--strct'. Did you mean '--strict'?"),
    WrongUse(arguments: ["FILE", "-o", "xml"], message: "The value 'xml' is invalid for '-o <output>'."),
    WrongUse(arguments: ["-", "-"], message: "-: standard input can be read once"),
    WrongUse(arguments: [""], message: "FILE: must not be empty"),
    WrongUse(arguments: ["FILE.no"], message: "FILE.no: No such file or directory: check the path", status: 1),
    WrongUse(arguments: ["/"], message: "/: Is a directory: name a file in it", status: 1),
    WrongUse(arguments: ["FILE"], text: "a: [1\nb: 2\n", message: "FILE:2:2: did not find expected", status: 1),
    WrongUse(arguments: ["FILE"], text: "a: 1\na: 2\n", message: "FILE:2:1: duplicate key \"a\"", status: 1),
    WrongUse(
      arguments: ["FILE"],
      text: "extraConfigFiles:\n  user.yaml: |\n    a: 1\n     b: 2\n",
      message: "FILE:4:7: user.yaml: mapping values are not allowed in this context",
      status: 1
    ),
    WrongUse(
      arguments: ["FILE"],
      text: "",
      message: "FILE: cannot be judged: name a file with Milvus resources, ",
      status: 1
    ),
    WrongUse(
      arguments: ["FILE"],
      text: "hello: world\n",
      message: "FILE: cannot be judged: name a file with Milvus resources, ",
      status: 1
    ),
    WrongUse(
      arguments: ["FILE"],
      text: "apiVersion: v1\nkind: Pod\n",
      message: "FILE: cannot be judged: name a file with Milvus resources, ",
      status: 1
    ),
    WrongUse(
      arguments: ["/dev/zero"],
      message: "/dev/zero is over 1 MiB: name a file with Milvus resources, ",
      status: 1
    ),
    WrongUse(
      arguments: ["FILE"],
      text: "services: {web: {image: nginx}}\n",
      message: "FILE: no service runs Milvus (milvus run standalone, or milvus run <component>)",
      status: 1
    ),
  ]

  @Test(arguments: wrongUses)
  func aWrongUseIsOneClearLine(use: WrongUse) throws {
    let files = try CheckedFiles(["a.yaml": use.text])
    defer { files.folder.remove() }
    let run = try ProgramRun(["check"] + use.arguments.map { $0.replacing("FILE", with: files.paths[0]) })
    #expect(run.status == use.status)
    #expect(run.output.isEmpty)
    let line = run.errors.split(separator: "\n").first ?? ""
    // What argument-parser says of FILE is not about the file.
    let message = use.status == 1 ? use.message.replacing("FILE", with: files.paths[0]) : use.message
    #expect(line.hasPrefix("Error: " + message))
    if use.status == 1 { #expect(run.errors.count(where: { $0 == "\n" }) == 1) }
  }
}
