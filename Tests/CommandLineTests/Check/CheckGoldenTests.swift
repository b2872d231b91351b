import Foundation
import JSON
import MilvusTLS
import Testing
import YAML

/// What the operator says of a Milvus, `check` says of its file.
@Suite struct CheckGoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../MilvusTLSTests/Golden").standardizedFileURL

  /// The resources with an outcome that no later event made, and without Secrets, whose data the tests make.
  private static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.sorted().filter { name in
      let documents = (try? YAML.parseAll(text(name))) ?? []
      let expected = documents.last
      return expected?["kind"] == "Expected" && expected?["then"] == nil
        && !documents.contains { $0["kind"] == "Secret" }
    }
  }()

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// What a cluster decides.
  private static let passing: Set<String> = ["CertManagerNotInstalled"]

  @Test(arguments: names)
  func aFileIsJudgedAsTheOperatorJudgesIt(name: String) throws {
    let text = try Self.text(name)
    let expected = try #require(try YAML.parseAll(text).last)
    let ready = expected["ready"]?.array?.compactMap(\.string) ?? []
    let conditions = (expected["conditions"]?.object ?? [:]).filter { type, condition in
      let isNote = ConditionType(rawValue: type).map { $0 != .ready && $0 != .verified } ?? false
      return isNote && condition[0] == "True" && type != "RotationPending"
    }
    let files = try CheckedFiles(["a.yaml": try #require(text.components(separatedBy: "\n---\nkind: Expected").first)])
    defer { files.folder.remove() }
    let findings = try files.findings().map { $0.split(separator: " ") }
    func reasons(_ severity: String) -> Set<String> {
      Set(findings.filter { $0[1] == severity }.map { String($0[2].dropLast()) })
    }
    let errors = ready.first == "False" ? Set(ready.dropFirst().prefix(1)).subtracting(Self.passing) : []
    #expect(reasons("error") == errors)
    // Without a MilvusTLS there is no condition that shows them.
    if !ready.isEmpty { #expect(reasons("warning") == Set(conditions.keys)) }
  }

  @Test func thereAreAHundredFilesAtLeast() {
    #expect(Self.names.count >= 100)
  }
}
