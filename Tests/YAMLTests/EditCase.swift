import JSON
import Testing
import YAML

/// A text, what is added to it, and what it has to be then.
struct EditCase: CustomTestStringConvertible, Sendable {
  let name: String
  var document = 0
  let before: String
  /// A merge patch: lists are written whole.
  var patch: JSONValue = [:]
  /// The same for documents in strings.
  var embedded: [JSONPointer: JSONValue] = [:]
  let after: String
  /// Lines of `before` that are not in `after` as they were.
  var changedLines = 0

  var testDescription: String { name }

  func change(of editor: YAMLEditor) throws -> YAMLEditor.Change {
    let standing = editor.documents[document]
    let target = standing.merging(patch)
    let inner = try embedded.map { place, patch in
      (place, try YAML.parse(standing[place]?.string ?? "").merging(patch))
    }
    return YAMLEditor.Change(
      document: document,
      target: target,
      embedded: Dictionary(uniqueKeysWithValues: inner)
    )
  }

  static let all = block + sequences + flow + strings + documents
}
