import JSON

/// Finds the changes of a text that give its documents new values.
struct EditPlan {
  private(set) var edits: [TextEdit] = []
  let source: EditSource
  /// The names of the document's aliases.
  private var aliases: Set<String> = []

  init(_ source: EditSource) {
    self.source = source
  }

  /// - Throws: `YAMLError` with the place of what cannot be changed.
  mutating func add(_ change: YAMLEditor.Change, current: JSONValue) throws {
    let root = source.roots[change.document]
    aliases = root.aliases
    var target = change.target
    for (place, value) in change.embedded.sorted(by: { $0.key.description < $1.key.description }) {
      let standing = current[place] ?? .null
      if standing.isNull || standing == "" {
        let writer = ValueWriter(step: 2, dashOffset: 2, keyOrder: source.keyOrder)
        let lines = value.object.map { writer.lines($0, at: 0) } ?? []
        target[place] = .string(lines.map { $0 + "\n" }.joined())
      } else {
        try changeEmbedded(value, in: try node(at: place, in: root))
        target[place] = standing
      }
    }
    let writer = source.writer(for: root)
    if case (.scalar, .null, .object(let members)) = (root.kind, current, target) {
      return edits.append(lines(writer.lines(members, at: 0), at: source.end(ofEmptyDocument: root)))
    }
    try apply(target, to: root, current: current, writer: writer)
  }

  mutating func append(_ edit: TextEdit) { edits.append(edit) }

  // MARK: Documents in strings

  private func node(at place: JSONPointer, in root: Node) throws -> Node {
    var node = root
    for token in place.tokens {
      try checkUsers(of: node)
      guard let value = node.entry(token)?.value else { throw node.start.error("\(token) comes with a merge key (<<)") }
      node = value
    }
    try checkUsers(of: node)
    return node
  }

  private mutating func changeEmbedded(_ value: JSONValue, in node: Node) throws {
    guard let block = LiteralBlock(node, in: source), case .scalar(let scalar) = node.kind else {
      throw node.start.error("cannot be changed in its style; write it as a literal block (|)")
    }
    do {
      let documents = try YAML.parseAll(scalar.text)
      guard documents.count < 2 else { throw YAMLError(message: "more than one document", line: 1, column: 1) }
      var inner = EditPlan(try EditSource(scalar.text, keyOrder: source.keyOrder))
      try inner.add(YAMLEditor.Change(target: value), current: documents.first ?? .null)
      edits += block.outer(inner.edits)
    } catch let error as YAMLError {
      throw block.mark(Mark(line: error.line, column: error.column)).error(error.message)
    }
  }

  // MARK: Nodes

  /// A change of a value with an anchor would change every other place that uses it.
  private func checkUsers(of node: Node) throws {
    if case .alias(let name) = node.kind {
      throw node.start.error("a change of alias *\(name) would change everything that uses &\(name)")
    }
    if let anchor = node.anchor, aliases.contains(anchor) {
      throw node.start.error("a change of anchor &\(anchor) would change everything that uses *\(anchor)")
    }
  }

  mutating func apply(_ target: JSONValue, to node: Node, current: JSONValue, writer: ValueWriter) throws {
    guard current != target else { return }
    try checkUsers(of: node)
    switch (node.kind, current, target) {
    case (.mapping(let entries, let isFlow), .object(let old), .object(let new)) where !entries.isEmpty:
      try change(entries, of: node, old, new, writer: writer, isFlow: isFlow)
    case (.sequence(let elements, let isFlow), .array(let old), .array(let new)) where !elements.isEmpty:
      guard old.count <= new.count else { throw node.start.error("elements cannot be removed") }
      for (index, element) in elements.enumerated() {
        try apply(new[index], to: element, current: old[index], writer: writer)
      }
      let added = Array(new.dropFirst(old.count))
      if added.isEmpty { return }
      try isFlow ? addToFlow(added, node, writer) : addToBlock(added, elements, node, writer)
    default: try replace(node, with: target, writer: writer)
    }
  }

  private mutating func change(
    _ entries: [Node.Entry],
    of node: Node,
    _ old: [String: JSONValue],
    _ new: [String: JSONValue],
    writer: ValueWriter,
    isFlow: Bool
  ) throws {
    var writer = writer
    writer.step = EditSource.step(in: node) ?? writer.step
    writer.dashOffset = EditSource.dashOffset(in: node) ?? writer.dashOffset
    if case .scalar(let key)? = entries.first?.key.kind { writer.isQuoted = isFlow && key.style == .doubleQuoted }
    for entry in entries {
      guard let name = entry.name else { continue }
      guard let target = new[name] else { throw entry.key.start.error("\(name) cannot be removed") }
      try apply(target, to: entry, of: node, current: old[name] ?? .null, writer: writer, isFlow: isFlow)
    }
    for (name, value) in old.sorted(by: { $0.key < $1.key }) where node.entry(name) == nil && new[name] != value {
      let mark = entries.first { $0.name == nil }?.key.start ?? node.start
      throw mark.error("\(name) comes with a merge key (<<), and a change would change everything that uses its anchor")
    }
    let added = new.filter { old[$0.key] == nil }
    if added.isEmpty { return }
    if isFlow { return try addToFlow(added, node, writer) }
    let indentation = node.indentation
    edits.append(
      lines(writer.lines(added, at: indentation), at: source.end(of: node, indentation: indentation))
    )
  }

  /// A member's value: one that is empty gets lines below its key.
  private mutating func apply(
    _ target: JSONValue,
    to entry: Node.Entry,
    of mapping: Node,
    current: JSONValue,
    writer: ValueWriter,
    isFlow: Bool
  ) throws {
    let node = entry.value
    guard current != target else { return }
    guard !isFlow, current.isNull || node.isEmptyCollection || current == "" else {
      return try apply(target, to: node, current: current, writer: writer)
    }
    try checkUsers(of: node)
    var lines = writer.lines(target, after: "", at: mapping.indentation)
    let head = lines.removeFirst()
    try replaceText(of: node, with: head)
    if lines.isEmpty { return }
    let below = source.afterComments(source.nextLine(node.end.offset), indentation: mapping.indentation + 1)
    edits.append(self.lines(lines, at: below))
  }

  private mutating func addToBlock(
    _ added: [JSONValue],
    _ elements: [Node],
    _ node: Node,
    _ writer: ValueWriter
  ) throws {
    var quotes = ValueWriter.Quotes.none
    if case .scalar(let scalar) = elements.last?.kind {
      quotes = scalar.style == .doubleQuoted ? .double : scalar.style == .singleQuoted ? .single : .none
    }
    // A comment in the dashes' column may be about what follows the sequence.
    let end = source.end(of: node, indentation: node.indentation + 1)
    edits.append(lines(writer.lines(added, at: node.indentation, quotes: quotes), at: end))
  }

  // MARK: Scalars

  private mutating func replace(_ node: Node, with target: JSONValue, writer: ValueWriter) throws {
    guard case .scalar(let scalar) = node.kind else {
      guard node.isEmptyCollection else { throw node.start.error("has another type than \(target.description)") }
      return try replaceText(of: node, with: writer.flow(target))
    }
    let isMultiline = source.text[node.start.offset..<node.end.offset].contains("\n")
    guard !isMultiline else { throw node.start.error("cannot be changed in its style; write it on one line") }
    let text =
      switch (target, scalar.style) {
      case (.object, _), (.array, _): writer.flow(target)
      case (.string, .singleQuoted): writer.scalar(target, isFlow: true, quotes: .single)
      case (.string, .doubleQuoted): writer.scalar(target, isFlow: true, quotes: .double)
      default: writer.scalar(target, isFlow: true)
      }
    try replaceText(of: node, with: node.start == node.end ? " " + text : text)
  }

  /// - Parameter text: for a value that is missing or goes, with a space before it.
  private mutating func replaceText(of node: Node, with text: String) throws {
    guard node.anchor == nil, !node.isTagged else {
      throw node.start.error("cannot be changed beside its anchor or tag")
    }
    var start = node.start.offset
    if text.isEmpty || text.hasPrefix(" ") {
      while start > 0, source.text[start - 1] == " " { start -= 1 }
    }
    edits.append(TextEdit(range: start..<max(start, node.end.offset), replacement: .text(text)))
  }

  private func lines(_ lines: [String], at offset: Int) -> TextEdit {
    TextEdit(range: offset..<offset, replacement: .lines(lines))
  }
}
