/// A value of a document with its place in the text.
struct Node: Sendable {
  struct Entry: Sendable {
    let key: Node
    let value: Node
    /// The member's name as JSON has it; nil for a merge key (`<<`).
    let name: String?
  }

  enum Kind: Sendable {
    case scalar(Event.Scalar)
    case sequence([Node], isFlow: Bool)
    case mapping([Entry], isFlow: Bool)
    case alias(String)
  }

  let kind: Kind
  /// Where it begins, its anchor and tag included.
  let start: Mark
  /// Where it ends: after its last character, or for a block scalar after the line breaks that belong to it.
  let end: Mark
  /// Where the first element of a block collection begins, or its dash.
  let contentStart: Mark
  let anchor: String?
  let isTagged: Bool
  /// Whether the line breaks at its end are part of the value (`|+`).
  let keepsLineBreaks: Bool

  /// Nothing: the value of `key:`.
  static func missing(at mark: Mark) -> Node {
    Node(
      kind: .scalar(Event.Scalar(text: "", style: .plain)),
      start: mark,
      end: mark,
      contentStart: mark,
      anchor: nil,
      isTagged: false,
      keepsLineBreaks: false
    )
  }

  var isFlow: Bool {
    switch kind {
    case .sequence(_, let isFlow), .mapping(_, let isFlow): isFlow
    case .scalar, .alias: false
    }
  }

  /// Whether it is `[]` or `{}`.
  var isEmptyCollection: Bool {
    switch kind {
    case .sequence(let elements, _): elements.isEmpty
    case .mapping(let entries, _): entries.isEmpty
    case .scalar, .alias: false
    }
  }

  /// The columns to the left of a block collection's elements.
  var indentation: Int { contentStart.column - 1 }

  func entry(_ name: String) -> Entry? {
    guard case .mapping(let entries, _) = kind else { return nil }
    return entries.first { $0.name == name }
  }

  /// The names of all aliases in it.
  var aliases: Set<String> {
    switch kind {
    case .alias(let name): [name]
    case .scalar: []
    case .sequence(let elements, _): elements.reduce(into: []) { $0.formUnion($1.aliases) }
    case .mapping(let entries, _): entries.reduce(into: []) { $0.formUnion($1.value.aliases) }
    }
  }
}
