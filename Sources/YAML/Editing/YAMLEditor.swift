import JSON

/// YAML text that gets new values and keeps everything else as it is: comments, order, quotes, indentation, line breaks.
///
/// What is written is read again before it is returned: text that would mean anything else than what was asked for is
/// refused.
public struct YAMLEditor: Sendable {
  /// What a document has to be.
  public struct Change: Sendable {
    /// Index of the document in the stream.
    public var document: Int
    /// The whole document: what is there, with members and elements added. A scalar may have another value.
    public var target: JSONValue
    /// Documents in strings (`user.yaml: |`) by their place, each as it has to be. `target` leaves these strings out or
    /// has them as they are.
    public var embedded: [JSONPointer: JSONValue]

    public init(document: Int = 0, target: JSONValue, embedded: [JSONPointer: JSONValue] = [:]) {
      (self.document, self.target, self.embedded) = (document, target, embedded)
    }
  }

  public let text: String
  /// Every document of the stream; text without one has an empty document.
  public let documents: [JSONValue]
  private let source: EditSource

  /// - Parameter keyOrder: names of members in the order in which new ones are written; all others follow by the
  ///   alphabet.
  /// - Throws: `YAMLError` for text that is not valid YAML.
  public init(_ text: String, keyOrder: [String] = []) throws {
    self.text = text
    let documents = try YAML.parseAll(text)
    self.documents = documents.isEmpty ? [.null] : documents
    source = try EditSource(text, keyOrder: keyOrder)
  }

  /// The text with changes; the same text where nothing changes.
  /// - Parameter added: documents that follow the last one.
  /// - Throws: `YAMLError` with the place of what cannot be changed without changing something else.
  public func applying(_ changes: [Change], appending added: [JSONValue] = []) throws -> String {
    var plan = EditPlan(source)
    for change in changes { try plan.add(change, current: documents[change.document]) }
    var result = TextEdit.apply(plan.edits, to: source.text, lineBreak: source.lineBreak)
    for document in added {
      if result.unicodeScalars.last != "\n" { result += source.lineBreak }
      let lines = try ("---\n" + YAML.serialize(document)).split(separator: "\n")
      result += lines.map { $0 + source.lineBreak }.joined()
    }
    try check(result, changes, added)
    return result
  }

  /// An error at a place in the text.
  /// - Parameter field: from the root of a document in the notation of Kubernetes (`spec.ports[0].name`); the longest
  ///   part of it that exists counts. What a document in a string has are its fields.
  public func error(_ message: String, at field: String, in document: Int = 0) -> YAMLError {
    source.mark(of: field, in: document).error(message)
  }

  private func check(_ result: String, _ changes: [Change], _ added: [JSONValue]) throws {
    var expected = documents
    let written = try? YAML.parseAll(result)
    for change in changes {
      var target = change.target
      for (place, value) in change.embedded {
        guard let text = written?[change.document][place]?.string, try YAML.parse(text) == value else {
          throw error(
            "cannot be changed in its style; write it as a literal block (|)",
            at: place.fieldPath,
            in: change.document
          )
        }
        target[place] = .string(text)
      }
      expected[change.document] = target
    }
    expected += added
    if written == expected || written == [] && expected == [.null] { return }
    guard source.text.last ?? "\n" == "\n" else {
      throw source.end.error(
        "cannot be changed without a line break here: a new line would change the string before it"
      )
    }
    throw error("cannot be changed without changing something else; write it in block style", at: "")
  }
}
