/// The differences between two texts, as `diff -u` prints them.
struct UnifiedDiff {
  /// Equal lines around a difference.
  private static let context = 3

  /// Empty where the texts are equal.
  let text: String

  init(_ old: String, _ new: String, name: String) {
    let (old, new) = (Self.lines(old), Self.lines(new))
    let lines = Self.merged(old, new)
    let hunks = Self.hunks(lines).map { Self.text(lines, $0) }
    text = hunks.isEmpty ? "" : "--- \(name)\n+++ \(name)\n" + hunks.joined()
  }

  private static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      line.append(scalar)
      guard scalar == "\n" else { continue }
      lines.append(String(line))
      line = .init()
    }
    return line.isEmpty ? lines : lines + [String(line)]
  }

  private static func merged(_ old: [String], _ new: [String]) -> [(sign: Character, text: String)] {
    let difference = new.difference(from: old)
    let removed = Set(difference.removals.map(\.offset))
    let added = Set(difference.insertions.map(\.offset))
    var lines: [(sign: Character, text: String)] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if left < old.count, removed.contains(left) {
        lines.append(("-", old[left]))
        left += 1
      } else if right < new.count, added.contains(right) {
        lines.append(("+", new[right]))
        right += 1
      } else {
        lines.append((" ", old[left]))
        (left, right) = (left + 1, right + 1)
      }
    }
    return lines
  }

  private static func hunks(_ lines: [(sign: Character, text: String)]) -> [Range<Int>] {
    var hunks: [Range<Int>] = []
    for index in lines.indices where lines[index].sign != " " {
      let range = max(0, index - context)..<min(lines.count, index + context + 1)
      if let last = hunks.last, last.upperBound >= range.lowerBound {
        hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
      } else {
        hunks.append(range)
      }
    }
    return hunks
  }

  private static func text(_ lines: [(sign: Character, text: String)], _ range: Range<Int>) -> String {
    let count = { (range: Range<Int>, sign: Character) in lines[range].count { $0.sign == " " || $0.sign == sign } }
    let header = [Character("-"), "+"].map { sign in
      let length = count(range, sign)
      // An empty range is named by the line before it.
      return "\(sign)\(count(0..<range.lowerBound, sign) + (length == 0 ? 0 : 1)),\(length)"
    }
    let body = lines[range].map { line in
      String(line.sign) + line.text + (line.text.unicodeScalars.last == "\n" ? "" : "\n\\ No newline at end of file\n")
    }
    return "@@ \(header.joined(separator: " ")) @@\n" + body.joined()
  }
}

extension CollectionDifference.Change {
  fileprivate var offset: Int {
    switch self {
    case .insert(let offset, _, _), .remove(let offset, _, _): offset
    }
  }
}
