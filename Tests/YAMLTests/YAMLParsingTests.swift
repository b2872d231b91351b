import JSON
import Testing
import YAML

struct YAMLParsingTests {
  @Test(
    "Plain scalars mean what kubectl takes them for",
    arguments: [
      ("true", .bool(true)), ("yes", true), ("On", true), ("y", true), ("no", false), ("OFF", false), ("False", false),
      ("~", .null), ("null", .null), ("Null", .null), ("", .null),
      ("12", 12), ("-12", -12), ("+12", 12), ("1_000", 1000), ("0x1F", 31), ("0o17", 15), ("017", 15), ("0b101", 5),
      ("-0b11", -3),
      ("0", 0), ("08", 8.0), ("1.5", 1.5), ("-1e3", -1000.0), (".5", 0.5), ("6.", 6.0), ("1e+2", 100.0),
      ("18446744073709551616", 18446744073709551616.0),
      ("2001-12-14", "2001-12-14"), ("2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"), ("12:30:45", "12:30:45"),
      ("nan", "nan"), ("0x", "0x"), ("0x-1", "0x-1"), ("--1", "--1"), ("1.2.3", "1.2.3"), ("1e", "1e"),
      (".", "."),
      ("yEs", "yEs"), ("nUll", "nUll"), ("v1", "v1"), ("10.0.0.1", "10.0.0.1"), ("!!str 12", "12"),
      ("!!float 12", 12.0),
    ] as [(String, JSONValue)]
  )
  func plainScalars(text: String, expected: JSONValue) throws {
    #expect(try YAML.parse("value: \(text)")["value"] == expected)
  }

  @Test("Quoted scalars and blocks are strings")
  func quoted() throws {
    let text = """
      a: "true"
      b: '12'
      c: |
        one
          two
      d: >-
        folded
        line
      "e": "\\u00e9\\n"
      """
    let expected: JSONValue = ["a": "true", "b": "12", "c": "one\n  two\n", "d": "folded line", "e": "é\n"]
    #expect(try YAML.parse(text) == expected)
  }

  @Test("Anchors and merge keys: own members win, then the mapping merged first")
  func mergeKeys() throws {
    let text = """
      base: &base {a: 1, b: 1}
      other: &other {b: 2, c: 2, d: 2}
      both:
        c: 3
        <<: [*base, *other]
      one: {<<: *base}
      list: [*base]
      quoted: {"<<": 1}
      """
    let document = try YAML.parse(text)
    #expect(document["both"] == ["a": 1, "b": 1, "c": 3, "d": 2])
    #expect(document["one"] == ["a": 1, "b": 1])
    #expect(document["list"] == [["a": 1, "b": 1]])
    #expect(document["quoted"] == ["<<": 1])
  }

  @Test("Duplicate keys and merge keys replace what is before them where the last one wins, as in goyaml v2")
  func duplicateKeys() throws {
    let text = """
      base: &base {a: 1, b: 1}
      other: &other {b: 2, c: 2}
      twice: {a: 1, b: 2, a: 3}
      twice: {a: 4, a: }
      before: {<<: *base, a: 3}
      after: {a: 3, <<: *base}
      list: {<<: [*base, *other]}
      merged: {<<: *base, <<: *other}
      """
    let document = try YAML.parse(text, duplicateKeys: .lastWins)
    #expect(document["twice"] == ["a": .null])
    #expect(document["before"] == ["a": 3, "b": 1])
    #expect(document["after"] == ["a": 1, "b": 1])
    #expect(document["list"] == ["a": 1, "b": 1, "c": 2])
    #expect(document["merged"] == ["a": 1, "b": 2, "c": 2])
  }

  @Test("Keys that are numbers or booleans become their text")
  func scalarKeys() throws {
    #expect(try YAML.parse("{8080: a, true: b, 1.5: c}") == ["8080": "a", "true": "b", "1.5": "c"])
  }

  @Test("parse takes the first document, parseAll every one")
  func documents() throws {
    let text = "a: 1\n---\n# nothing\n---\n- b\n...\n"
    #expect(try YAML.parse(text) == ["a": 1])
    #expect(try YAML.parseAll(text) == [["a": 1], .null, ["b"]])
    #expect(try YAML.parseAll("") == [])
    #expect(try YAML.parse("") == .null)
  }

  @Test("JSON is YAML")
  func json() throws {
    #expect(
      try YAML.parse(#"{"a": [1, 2.5, "x", null, true], "b": {}}"#) == ["a": [1, 2.5, "x", .null, true], "b": [:]]
    )
  }

  @Test(
    "An error names the line and the column, counted from 1",
    arguments: [
      ("a: 1\nb: 2\na: 3\n", "duplicate key \"a\"", 3, 1),
      ("a:\n  b: .inf\n", ".inf has no JSON value", 2, 6),
      ("a: *missing\n", "alias *missing has no finished anchor &missing before it", 1, 4),
      ("a: &a [*a]\n", "alias *a has no finished anchor &a before it", 1, 8),
      ("a: !custom 1\n", "unsupported tag !custom; allowed: !!str, !!int, !!float, !!bool, !!null, !!map, !!seq", 1, 4),
      ("a: !!int x\n", "\"x\" is not a valid !!int", 1, 4),
      ("? [a]\n: b\n", "a key must be a string, a number or a boolean", 1, 3),
      ("a: 1\n<<: 2\n", "merge key << needs a mapping or a sequence of mappings", 2, 5),
      ("é: \u{1}\n", "control characters are not allowed", 1, 4),
    ]
  )
  func errors(text: String, message: String, line: Int, column: Int) {
    #expect(throws: YAMLError(message: message, line: line, column: column)) { try YAML.parse(text) }
  }

  @Test("A syntax error carries the parser's words and place")
  func syntaxError() throws {
    let error = #expect(throws: YAMLError.self) { try YAML.parse("a: 1\n  b: 2\n") }
    #expect(error?.line == 2)
    #expect(error?.description == "line 2, column 4: mapping values are not allowed in this context")
  }

  @Test("Aliases that multiply are stopped")
  func billionLaughs() {
    let levels = (1..<30).map { "l\($0): &l\($0) [*l\($0 - 1), *l\($0 - 1)]\n" }
    let error = #expect(throws: YAMLError.self) { try YAML.parse("l0: &l0 ha\n" + levels.joined()) }
    #expect(error?.message == "aliases expand to more than 1000000 nodes")
  }

  @Test("Nesting past the limit is an error, not a crash")
  func depth() {
    let error = #expect(throws: YAMLError.self) { try YAML.parse(String(repeating: "[", count: 600)) }
    #expect(error?.message == "nested deeper than 512 levels")
    // A key may be a mapping, too.
    let keys = #expect(throws: YAMLError.self) { try YAML.parse(String(repeating: "? ", count: 100_000) + "x") }
    #expect(keys?.message == "nested deeper than 512 levels")
  }
}
