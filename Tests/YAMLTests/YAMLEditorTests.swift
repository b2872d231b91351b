import JSON
import Testing
import YAML

struct YAMLEditorTests {
  @Test("New values are written and every byte around them stays", arguments: EditCase.all)
  func additions(edit: EditCase) throws {
    let editor = try YAMLEditor(edit.before, keyOrder: ["name", "tls", "mode", "path"])
    let after = try editor.applying([edit.change(of: editor)])
    #expect(after == edit.after)
    // A second run changes nothing.
    let again = try YAMLEditor(after)
    #expect(try again.applying([edit.change(of: again)]) == after)
  }

  @Test("Only lines are added, but for values on a line that change with it", arguments: EditCase.all)
  func linesStay(edit: EditCase) throws {
    let (before, after) = (Self.lines(edit.before), Self.lines(edit.after))
    let removed = after.difference(from: before).removals.count
    #expect(removed == edit.changedLines)
  }

  private static func lines(_ text: String) -> [[Unicode.Scalar]] {
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in line.last == "\r" ? Array(line.dropLast()) : Array(line) }
    if lines.last == [] { lines.removeLast() }
    return lines
  }

  @Test(
    "What cannot be changed without changing something else is refused with its place",
    arguments: [
      ("a: &x {b: 1}\nc: *x\n", ["c": ["d": 2]], "line 2, column 4: a change of alias *x would change"),
      ("a: &x\n  b: 1\nc: *x\n", ["a": ["d": 2]], "line 1, column 4: a change of anchor &x would change"),
      ("a: &x\n  l: [1]\nc:\n  <<: *x\n", ["c": ["l": [1, 2]]], "line 4, column 3: l comes with a merge key (<<)"),
      ("a: [1, 2]\n", ["a": [1]], "line 1, column 4: elements cannot be removed"),
      ("a: 1\nb: 2\n", ["a": .null], "line 1, column 1: a cannot be removed"),
      ("a:\n  b\n  c\n", ["a": "d"], "line 2, column 3: cannot be changed in its style"),
      ("a: >\n  b\n", ["a": "c"], "line 1, column 4: cannot be changed in its style"),
      ("a: [1]\n", ["a": ["b": 1]], "line 1, column 4: has another type"),
      ("a: &x 1\n", ["a": 2], "line 1, column 4: cannot be changed beside its anchor or tag"),
    ] as [(String, JSONValue, String)]
  )
  func refusals(text: String, patch: JSONValue, message: String) throws {
    let editor = try YAMLEditor(text)
    let change = YAMLEditor.Change(target: editor.documents[0].merging(patch))
    let error = #expect(throws: YAMLError.self) { try editor.applying([change]) }
    #expect(error?.description.hasPrefix(message) ?? false, "\(error?.description ?? "")")
  }

  @Test("A string that is no literal block is refused for a document in it, and so is broken YAML in it")
  func embeddedRefusals() throws {
    let texts = [
      ("o:\n  k: \"a: 1\"\n", "line 2, column 6: cannot be changed in its style; write it as a literal block (|)"),
      ("o:\n  k: >\n    a: 1\n", "line 2, column 6: cannot be changed in its style"),
      ("o:\n  k: |\n    a: 1\n    b: [\n", "line 5"),
      ("o:\n  k: |\n    a: {b: 1}\n    c: &x {}\n    d: *x\n", "line 5, column 8: a change of alias *x"),
    ]
    for (text, message) in texts {
      let editor = try YAMLEditor(text)
      let change = YAMLEditor.Change(
        target: editor.documents[0],
        embedded: ["/o/k": ["a": ["b": 1], "c": [:], "d": ["e": 1]]]
      )
      let error = #expect(throws: YAMLError.self) { try editor.applying([change]) }
      #expect(error?.description.hasPrefix(message) ?? false, "\(error?.description ?? "")")
    }
  }

  @Test("Tabs in the indentation are refused with their line")
  func tabs() throws {
    let error = #expect(throws: YAMLError.self) { try YAMLEditor("a:\n\tb: 1\n") }
    #expect(error?.line == 2)
  }

  @Test("The place of a field is that of its key, in strings too")
  func places() throws {
    let editor = try YAMLEditor(
      "a: 1\n---\nb:\n  - name: x\n    env: [1]\n  u.yaml: |\n".replacing("  u.yaml", with: "u.yaml")
        + "  c:\n    d: 1\n"
    )
    let places = [("b[x].env", 5, 5), ("b[0]", 4, 5), ("u.yaml.c.d", 8, 5), ("u.yaml.e", 7, 3), ("none", 3, 1)]
    for (field, line, column) in places {
      #expect(editor.error("m", at: field, in: 1) == YAMLError(message: "m", line: line, column: column), "\(field)")
    }
  }
}
