/// A change of a text, in offsets of Unicode scalars.
struct TextEdit {
  enum Replacement {
    /// Text within a line.
    case text(String)
    /// Whole lines without their line breaks, in place of nothing at the beginning of a line or the end of the text.
    case lines([String])
  }

  var range: Range<Int>
  var replacement: Replacement

  /// A text with changes. Those in the same place keep their order.
  static func apply(_ edits: [TextEdit], to text: [Unicode.Scalar], lineBreak: String) -> String {
    let ordered = edits.enumerated().sorted {
      ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
    }
    var result = String.UnicodeScalarView()
    var position = 0
    for (_, edit) in ordered {
      result.append(contentsOf: text[position..<max(position, edit.range.lowerBound)])
      position = max(position, edit.range.upperBound)
      switch edit.replacement {
      case .text(let new): result.append(contentsOf: new.unicodeScalars)
      case .lines(let lines):
        // Where the text has no line break at its end, it gets none.
        let isOpen = edit.range.lowerBound == text.count && text.last.map { $0 != "\n" } ?? false
        for line in lines { result.append(contentsOf: (isOpen ? lineBreak + line : line + lineBreak).unicodeScalars) }
      }
    }
    result.append(contentsOf: text[position...])
    return String(result)
  }
}
