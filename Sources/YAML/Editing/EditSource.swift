import JSON

/// The text that is edited, its nodes, and its style.
struct EditSource: Sendable {
  let text: [Unicode.Scalar]
  let roots: [Node]
  /// Where the text ends.
  let end: Mark
  let lineBreak: String
  let keyOrder: [String]

  init(_ text: String, keyOrder: [String]) throws {
    let scalars = Array(text.unicodeScalars)
    let roots = try NodeReader(text, scalars: scalars).documents()
    let lines = scalars.count { $0 == "\n" }
    let column = scalars.count - (scalars.lastIndex(of: "\n") ?? -1)
    end = Mark(line: lines + 1, column: column, offset: scalars.count)
    self.text = scalars
    self.roots = roots.isEmpty ? [.missing(at: end)] : roots
    self.keyOrder = keyOrder
    let first = scalars.firstIndex(of: "\n")
    lineBreak = first.map { $0 > 0 && scalars[$0 - 1] == "\r" } ?? false ? "\r\n" : "\n"
  }

  // MARK: Lines

  /// Where the line of an offset begins.
  func lineStart(_ offset: Int) -> Int {
    text[..<offset].lastIndex(of: "\n").map { $0 + 1 } ?? 0
  }

  /// Where the line after that of an offset begins.
  func nextLine(_ offset: Int) -> Int {
    text[offset...].firstIndex(of: "\n").map { $0 + 1 } ?? text.count
  }

  /// What a line has after its indentation: its first character, and the width of the indentation. Nil for an empty
  /// line.
  func content(ofLineAt start: Int) -> (first: Unicode.Scalar, indentation: Int)? {
    let line = text[start..<nextLine(start)]
    guard let first = line.firstIndex(where: { $0 != " " && $0 != "\r" && $0 != "\n" && $0 != "\t" }) else {
      return nil
    }
    return (text[first], first - start)
  }

  /// Where the lines of a block end that a new line can follow: after its last value, and after the comments below that
  /// belong to it.
  /// - Parameter indentation: of a comment that belongs to it, at the least.
  func end(of node: Node, indentation: Int) -> Int {
    var last = node.end.offset
    if !node.keepsLineBreaks {
      while last > node.start.offset, " \t\r\n".unicodeScalars.contains(text[last - 1]) { last -= 1 }
    }
    let isLineStart = last == 0 || text[last - 1] == "\n"
    let end = node.keepsLineBreaks && isLineStart ? last : nextLine(last)
    return afterComments(end, indentation: indentation)
  }

  /// Where the lines of a document without a value end: after its comments.
  func end(ofEmptyDocument node: Node) -> Int {
    var last = node.end.offset
    while last > 0, " \t\r\n".unicodeScalars.contains(text[last - 1]) { last -= 1 }
    return last == 0 ? node.end.offset : nextLine(last)
  }

  func afterComments(_ start: Int, indentation: Int) -> Int {
    var (end, line, isDetached) = (start, start, false)
    while line < text.count {
      if let content = content(ofLineAt: line) {
        // A comment at the margin after an empty line is about what follows.
        guard content.first == "#", content.indentation >= indentation, !(isDetached && indentation == 0) else { break }
        end = nextLine(line)
      } else {
        isDetached = true
      }
      line = nextLine(line)
    }
    return end
  }

  // MARK: Style

  /// How new values are written in a document.
  func writer(for root: Node) -> ValueWriter {
    let step = Self.firstStep(in: root) ?? 2
    return ValueWriter(step: step, dashOffset: Self.firstDashOffset(in: root) ?? step, keyOrder: keyOrder)
  }

  /// By how much a member's mapping is indented.
  static func step(in node: Node) -> Int? {
    guard case .mapping(let entries, isFlow: false) = node.kind else { return nil }
    return entries.lazy.compactMap { entry -> Int? in
      guard case .mapping(let members, isFlow: false) = entry.value.kind, !members.isEmpty else { return nil }
      return entry.value.indentation - node.indentation
    }.first { $0 > 0 }
  }

  /// By how much the dashes of a member's sequence are indented.
  static func dashOffset(in node: Node) -> Int? {
    guard case .mapping(let entries, isFlow: false) = node.kind else { return nil }
    return entries.lazy.compactMap { entry -> Int? in
      guard case .sequence(_, isFlow: false) = entry.value.kind else { return nil }
      return entry.value.indentation - node.indentation
    }.first { $0 >= 0 }
  }

  private static func firstStep(in node: Node) -> Int? {
    step(in: node) ?? children(of: node).lazy.compactMap(firstStep).first
  }

  private static func firstDashOffset(in node: Node) -> Int? {
    dashOffset(in: node) ?? children(of: node).lazy.compactMap(firstDashOffset).first
  }

  private static func children(of node: Node) -> [Node] {
    switch node.kind {
    case .mapping(let entries, _): entries.map(\.value)
    case .sequence(let elements, _): elements
    case .scalar, .alias: []
    }
  }

  // MARK: Places

  /// The place of a field in the notation of Kubernetes (`spec.ports[0].name`), or of the longest part of it that
  /// exists. A name may have dots, an element its own `name` for an index.
  func mark(of field: String, in document: Int) -> Mark {
    var node = roots.indices.contains(document) ? roots[document] : .missing(at: Mark(line: 1, column: 1))
    var (mark, rest) = (node.start, field[...])
    while !rest.isEmpty {
      switch node.kind {
      case .mapping(let entries, _):
        let matches = entries.filter { entry in entry.name.map { Self.begins(rest, with: $0) } ?? false }
        guard let entry = matches.max(by: { ($0.name ?? "").count < ($1.name ?? "").count }) else { return mark }
        (node, mark) = (entry.value, entry.key.start)
        rest = rest.dropFirst(entry.name?.count ?? 0)
      case .sequence(let elements, _):
        let token = rest.prefix { $0 != "]" }
        guard let element = Self.element(token, of: elements) else { return mark }
        (node, mark) = (element, element.start)
        rest = rest.dropFirst(token.count + 1)
      case .scalar(let scalar):
        guard let block = LiteralBlock(node, in: self), let inner = try? EditSource(scalar.text, keyOrder: []) else {
          return mark
        }
        let found = inner.mark(of: String(rest), in: 0)
        return found.offset < inner.text.count ? block.mark(found) : mark
      case .alias: return mark
      }
      if rest.first == "." || rest.first == "[" { rest = rest.dropFirst() }
    }
    return mark
  }

  private static func begins(_ field: Substring, with name: String) -> Bool {
    guard !name.isEmpty, field.hasPrefix(name) else { return false }
    let next = field.dropFirst(name.count).first
    return next == nil || next == "." || next == "["
  }

  private static func element(_ token: Substring, of elements: [Node]) -> Node? {
    if let index = Int(token), elements.indices.contains(index) { return elements[index] }
    return elements.first { element in
      guard case .scalar(let name)? = element.entry("name")?.value.kind else { return false }
      return name.text == token
    }
  }
}
