/// A text table as kubectl prints it: each column as wide as its widest cell, three spaces apart.
struct TextTable: CustomStringConvertible {
  /// The first row is the header.
  var rows: [[String]]
  /// Parameters of SGR (ECMA-48) for the cells with a text, which color them on a terminal; empty for no colors.
  var colors: [String: String] = [:]

  var description: String { lines.map { $0 + "\n" }.joined() }

  /// The rows, padded, without line breaks.
  var lines: [String] {
    let cells = rows.map { $0.map(\.inOneLine) }
    let columns = cells.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return cells.map { line($0, widths) }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = zip(cells, widths).map { cell, width in
      let text = colors[cell].map { "\u{1b}[\($0)m\(cell)\u{1b}[0m" } ?? cell
      return text + String(repeating: " ", count: width - cell.count)
    }
    let line = padded.joined(separator: "   ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}

extension String {
  /// The text with spaces in place of control characters, which a terminal would interpret.
  var inOneLine: String {
    String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
