import JSON

// MARK: Flow style

extension EditPlan {
  mutating func addToFlow(_ members: [String: JSONValue], _ node: Node, _ writer: ValueWriter) throws {
    guard case .mapping(let entries, _) = node.kind, let last = entries.last else { return }
    add(
      writer.flow(members),
      to: node,
      behind: max(last.key.end.offset, last.value.end.offset),
      lastStart: last.key.start
    )
  }

  mutating func addToFlow(_ elements: [JSONValue], _ node: Node, _ writer: ValueWriter) throws {
    guard case .sequence(let standing, _) = node.kind, let last = standing.last else { return }
    var writer = writer
    if case .scalar(let scalar) = last.kind { writer.isQuoted = scalar.style == .doubleQuoted }
    add(elements.map { writer.flow($0) }, to: node, behind: last.end.offset, lastStart: last.start)
  }

  /// Adds items on lines of their own where those that are there have such.
  private mutating func add(_ items: [String], to node: Node, behind last: Int, lastStart: Mark) {
    let bracket = node.end.offset - 1
    let bracketLine = source.lineStart(bracket)
    let comma = separator(from: last, to: bracket)
    guard bracketLine > last, source.content(ofLineAt: bracketLine)?.indentation == bracket - bracketLine else {
      let text = comma == nil ? items.map { ", " + $0 }.joined() : items.map { " " + $0 + "," }.joined()
      let place = comma.map { $0 + 1 } ?? last
      return append(TextEdit(range: place..<place, replacement: .text(text)))
    }
    if comma == nil { append(TextEdit(range: last..<last, replacement: .text(","))) }
    let line = source.lineStart(lastStart.offset)
    let margin = String(repeating: " ", count: source.content(ofLineAt: line)?.indentation ?? lastStart.column - 1)
    let lines = items.enumerated().map { index, item in
      margin + item + (comma != nil || index < items.count - 1 ? "," : "")
    }
    append(TextEdit(range: bracketLine..<bracketLine, replacement: .lines(lines)))
  }

  /// A comma after the last item.
  private func separator(from start: Int, to end: Int) -> Int? {
    var isComment = false
    for offset in start..<max(start, end) {
      switch source.text[offset] {
      case "#": isComment = true
      case "\n": isComment = false
      case "," where !isComment: return offset
      default: continue
      }
    }
    return nil
  }
}
