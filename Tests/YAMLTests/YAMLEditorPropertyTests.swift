import JSON
import TestSupport
import Testing
import YAML

/// The editor on texts that nobody chose: block and flow style, comments, empty lines, either line break, no line break
/// at the end.
struct YAMLEditorPropertyTests {
  @Test("Whatever is added anywhere, nothing else changes", arguments: 0..<400)
  func randomAdditions(seed: UInt64) throws {
    var text = RandomText(seed: seed)
    let before = text.make()
    let editor = try YAMLEditor(before)
    let target = text.grown(editor.documents[0])
    let after: String
    do {
      after = try editor.applying([YAMLEditor.Change(target: target)])
    } catch {
      // A string in the last line has no line break at its end, and would get one.
      #expect("\(error)".contains("cannot be changed without a line break here"), "\(before)")
      #expect(!before.hasSuffix("\n"))
      let ended = try YAMLEditor(before + (before.contains("\r") ? "\r\n" : "\n"))
      let target = text.grown(ended.documents[0])
      #expect(try YAML.parse(ended.applying([YAMLEditor.Change(target: target)])) == target)
      return
    }
    #expect(try YAML.parse(after) == target)
    for line in Self.lines(before) where line.contains("#") {
      #expect(Self.lines(after).contains(line), "\(before)\n\(after)")
    }
    // Block style loses no line at all.
    let lost = Self.lines(after).difference(from: Self.lines(before)).removals.count
    #expect(lost <= text.inlineCollections, "\(before)\n\(after)")
    let second = try YAMLEditor(after)
    #expect(try second.applying([YAMLEditor.Change(target: target)]) == after)
  }

  @Test("Whatever is added to a document in a string, nothing else changes", arguments: 0..<400)
  func randomAdditionsInStrings(seed: UInt64) throws {
    var text = RandomText(seed: seed)
    let inner = text.make().replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
    let block = inner.map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
    let before = "# head\nfiles:\n  u.yaml: |+\n\(block)\n\n# tail\nend: {a: 1}\n"
    let editor = try YAMLEditor(before)
    let place: JSONPointer = "/files/u.yaml"
    let target = text.grown(try YAML.parse(editor.documents[0][place]?.string ?? ""))
    let change = YAMLEditor.Change(target: editor.documents[0], embedded: [place: target])
    let after = try editor.applying([change])
    let result = try YAML.parse(after)
    #expect(try YAML.parse(result[place]?.string ?? "") == target)
    #expect(result["end"] == ["a": 1])
    let lost = Self.lines(after).difference(from: Self.lines(before)).removals.count
    #expect(lost <= text.inlineCollections, "\(before)\n\(after)")
    let second = try YAMLEditor(after)
    #expect(try second.applying([YAMLEditor.Change(target: result, embedded: [place: target])]) == after)
  }

  private static func lines(_ text: String) -> [String] {
    text.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
  }
}

private struct RandomText {
  private var random: SeededGenerator
  private var names = 0
  private var step = 2
  /// Values in flow style, whose line changes with them.
  private(set) var inlineCollections = 0

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

  private mutating func name() -> String {
    names += 1
    return ["key\(names)", "\"quoted \(names)\"", "'k \(names)'", "k.\(names)", "é\(names)"].randomElement(
      using: &random
    ) ?? ""
  }

  mutating func make() -> String {
    step = [2, 3, 4].randomElement(using: &random) ?? 2
    var lines = mapping(indentation: 0, depth: 0)
    if chance(3) { lines.append("# the end") }
    let lineBreak = chance(3) ? "\r\n" : "\n"
    return lines.joined(separator: lineBreak) + (chance(3) ? "" : lineBreak)
  }

  private mutating func mapping(indentation: Int, depth: Int) -> [String] {
    let margin = String(repeating: " ", count: indentation)
    var lines: [String] = []
    for _ in 0...Int.random(in: 0..<4, using: &random) {
      if chance(4) { lines.append(margin + "# comment \(names)") }
      if chance(6), !lines.isEmpty { lines.append("") }
      let key = margin + name() + ":"
      switch Int.random(in: 0..<(depth > 3 ? 5 : 8), using: &random) {
      case 0: lines.append(key + (chance(2) ? " # empty \(names)" : ""))
      case 1: lines.append(key + " value" + (chance(2) ? " # on \(names)" : ""))
      case 2:
        inlineCollections += 1
        lines.append(key + " " + flow())
      case 3: lines += [key + " |", margin + "  text # no comment", "", margin + "    more"]
      case 4: lines += [key + " >-", margin + "  folded", margin + "  text"]
      case 5:
        let dashes = margin + (chance(2) ? "" : "  ")
        lines.append(key)
        for _ in 0...Int.random(in: 0..<3, using: &random) {
          var element = mapping(indentation: dashes.count + 2, depth: depth + 2).drop {
            !$0.contains(":") || $0.contains("#")
          }
          if let first = element.first, !first.hasPrefix(dashes + "  ") || first.hasPrefix(dashes + "   ") {
            element = []
          }
          let items =
            element.isEmpty
            ? [dashes + "- item"]
            : [dashes + "- " + element[element.startIndex].dropFirst(dashes.count + 2)] + element.dropFirst()
          lines += items
        }
      default: lines += [key] + mapping(indentation: indentation + step, depth: depth + 1)
      }
    }
    return lines
  }

  private mutating func flow() -> String {
    ["{}", "[]", "{a: 1}", "[1, two]", "{a: {b: []}, c: [{d: 1}]}", "[[1], {}]"].randomElement(using: &random) ?? ""
  }

  /// A value with more members and elements.
  mutating func grown(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(var members):
      for (key, member) in members.sorted(by: { $0.key < $1.key }) { members[key] = grown(member) }
      if chance(2) { members["new \(chance(2) ? "a" : "b")"] = addition() }
      return .object(members)
    case .array(let elements):
      var elements = elements.map { grown($0) }
      if chance(2) { elements.append(addition()) }
      return .array(elements)
    default: return value
    }
  }

  private mutating func addition() -> JSONValue {
    let additions: [JSONValue] = [
      1, true, "text", "8080:8080", "# no comment", ["a": ["b": [1, ["c": "d"]]]], [["name": "x", "path": "/y"]], [:],
      [],
      "lines\nof text\n", .null,
    ]
    return additions.randomElement(using: &random) ?? .null
  }
}
