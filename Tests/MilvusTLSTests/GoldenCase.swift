import Foundation
import JSON
import YAML

/// A Milvus resource as a person writes it, and what is expected to come of it: one file of the folder `Golden`.
///
/// Its documents are a Milvus, optionally a MilvusTLS, Secrets that are there already (``ForeignSecret``), and last one
/// of kind Expected with
///
/// - `secret`: the Secret that the pods are to mount, `certs` unless said otherwise;
/// - `then`: what happens after the first settling, one step after another (``GoldenStep``);
/// - `ready`, `conditions`, `milvus`: the outcome, written by a run with `RECORD_GOLDEN=1`.
struct GoldenCase {
  let milvus: JSONValue
  let milvusTLS: JSONValue?
  let secrets: [ForeignSecret]
  let steps: [GoldenStep]
  /// Nil until it was recorded.
  let outcome: GoldenOutcome?

  private let file: URL
  /// The file's text before the document Expected.
  private let input: String
  /// What that document says beside the outcome.
  private let given: [String: JSONValue]

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  /// The names of all cases, without `.yaml`.
  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }()

  /// - Throws: `YAMLError`, or `Malformed` for a file of another form.
  init(named name: String) throws {
    file = Self.folder.appending(path: name + ".yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    let documents = try YAML.parseAll(text)
    func all(_ kind: String) -> [JSONValue] { documents.filter { $0["kind"]?.string == kind } }

    guard text.hasPrefix("# ") else {
      throw Malformed("the file does not begin with a comment that says what it shows")
    }
    guard let milvus = all("Milvus").first, all("Milvus").count == 1 else { throw Malformed("one Milvus is needed") }
    guard let expected = documents.last?.object, expected["kind"] == "Expected",
      let start = text.range(of: "\n---\nkind: Expected", options: .backwards)
    else { throw Malformed("the last document is not of kind Expected") }
    self.milvus = milvus
    milvusTLS = all("MilvusTLS").first
    secrets = try all("Secret").map(ForeignSecret.init)
    steps = try (expected["then"]?.array ?? []).map(GoldenStep.init)
    outcome = GoldenOutcome(expected)
    input = String(text[..<start.lowerBound])
    given = expected.filter { ["secret", "then"].contains($0.key) }
  }

  /// Writes the outcome into the file; everything before it stays as it is.
  func record(_ outcome: GoldenOutcome) throws {
    var text = input + "\n---\nkind: Expected\n"
    for members in [given.filter { $0.key == "secret" }, given.filter { $0.key == "then" }] + outcome.sections
    where !members.isEmpty {
      text += try YAML.serialize(.object(members))
    }
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  struct Malformed: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}
