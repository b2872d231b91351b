/// A string in literal style (`|`), whose lines are those of its text with an indentation before each.
struct LiteralBlock {
  /// The line of the text that holds the first line of the string, counted from 1.
  private let firstLine: Int
  private let indentation: Int
  /// Offsets of the lines' beginnings, those after the string included.
  private let lineStarts: [Int]
  private let inner: [Unicode.Scalar]
  private let source: EditSource

  /// - Returns: nil for a node of another style.
  /// - Parameter indentation: of the first line where the string has none.
  init?(_ node: Node, in source: EditSource, indentation: Int = 0) {
    guard case .scalar(let scalar) = node.kind, scalar.style == .literal else { return nil }
    let inner = Array(scalar.text.unicodeScalars)
    var starts = [source.nextLine(Self.header(of: node, in: source))]
    for _ in 0...inner.count(where: { $0 == "\n" }) {
      guard let last = starts.last, last < source.text.count else { break }
      starts.append(source.nextLine(last))
    }
    let lines = inner.split(separator: "\n", omittingEmptySubsequences: false)
    let written = lines.firstIndex { !$0.isEmpty }.flatMap { index -> Int? in
      guard starts.indices.contains(index) else { return nil }
      let line = source.text[starts[index]..<source.nextLine(starts[index])].filter { $0 != "\n" && $0 != "\r" }
      return line.count - lines[index].count { $0 != "\r" }
    }
    firstLine = source.text[..<starts[0]].count { $0 == "\n" } + 1
    self.indentation = written ?? indentation
    lineStarts = starts
    self.inner = inner
    self.source = source
  }

  /// Where its indicator is: behind an anchor and a tag, which may be on lines before.
  private static func header(of node: Node, in source: EditSource) -> Int {
    source.text[node.start.offset...].firstIndex(of: "|") ?? node.start.offset
  }

  func mark(_ mark: Mark) -> Mark {
    Mark(line: firstLine + mark.line - 1, column: mark.column + indentation, offset: offset(mark.offset))
  }

  /// Changes of the string as changes of the text.
  func outer(_ edits: [TextEdit]) -> [TextEdit] {
    edits.map { edit in
      switch edit.replacement {
      case .text:
        return TextEdit(
          range: offset(edit.range.lowerBound)..<offset(edit.range.upperBound),
          replacement: edit.replacement
        )
      case .lines(let lines):
        let margin = String(repeating: " ", count: indentation)
        let start = lineOffset(edit.range.lowerBound)
        let indented = lines.map { $0.isEmpty ? "" : margin + $0 }
        return TextEdit(range: start..<start, replacement: .lines(indented))
      }
    }
  }

  /// The place of a character.
  private func offset(_ offset: Int) -> Int {
    let line = inner[..<offset].count { $0 == "\n" }
    let column = offset - (inner[..<offset].lastIndex(of: "\n").map { $0 + 1 } ?? 0)
    return min(lineStart(line) + indentation + column, source.text.count)
  }

  /// The beginning of a line, or of the one after the last.
  private func lineOffset(_ offset: Int) -> Int {
    let line = inner[..<offset].count { $0 == "\n" }
    let isOpen = offset > 0 && inner[offset - 1] != "\n"
    return lineStart(line + (isOpen ? 1 : 0))
  }

  private func lineStart(_ line: Int) -> Int {
    lineStarts.indices.contains(line) ? lineStarts[line] : source.text.count
  }
}
