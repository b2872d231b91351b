import JSON
import Testing
import YAML

struct YAMLSerializationTests {
  @Test("A document comes out in block style with sorted keys")
  func blockStyle() throws {
    let value: JSONValue = [
      "b": ["x", ["k": 1, "l": .null]], "a": ["ratio": 1.5, "t": true], "empty": [:], "none": [], "text": "one\ntwo\n",
    ]
    let expected = """
      a:
        ratio: 1.5
        t: true
      b:
      - x
      - k: 1
        l: null
      empty: {}
      none: []
      text: |
        one
        two

      """
    let text = try YAML.serialize(value)
    #expect(text == expected)
  }

  @Test(
    "Strings that would read back as another kind are quoted",
    arguments: [
      "true", "no", "y", "null", "~", "", "12", "0x1f", "1e3", ".5", ".inf", "2001-12-14", "12:30", "1_000", "<<", "-",
      "- a", "a: b", "#a",
      "@a", "*a", "&a", "!a", "%a", "[a", "{a", " a", "a ", "a #b", "\t", "'", "\"",
    ]
  )
  func quoting(text: String) throws {
    let yaml = try YAML.serialize(["key": .string(text)])
    #expect(yaml.contains("\"") || yaml.contains("'"))
    #expect(try YAML.parse(yaml) == ["key": .string(text)])
  }

  @Test(
    "Words that can only be strings stay bare",
    arguments: ["plain", "v1", "10.0.0.1", "a-b/c", "tls.milvus.io/x", "TwoWay"]
  )
  func bare(text: String) throws {
    #expect(try YAML.serialize(["key": .string(text)]) == "key: \(text)\n")
  }

  @Test(
    "Any text survives the way out and back, as value and as key",
    arguments: [
      "one\ntwo", "one\ntwo\n", "one\n\n\n", "\n", "\nlead", "  indented\nless\n", "trailing \nspace\n", "tab\there\n",
      "nul\u{0}", "\r\n",
      "\u{85}\u{2028}", "emoji 🙂", "bell\u{7}\nline", String(repeating: "long ", count: 60) + "end",
    ]
  )
  func roundTrip(text: String) throws {
    let value: JSONValue = ["key": .string(text), "list": [.string(text)], text: 1]
    #expect(try YAML.parse(try YAML.serialize(value)) == value)
    #expect(try YAML.parse(try YAML.serialize(.string(text))) == .string(text))
  }

  @Test(
    "Numbers keep their kind",
    arguments: [.integer(0), .integer(.min), .integer(.max), .double(1.5), .double(1e300), .double(-2)] as [JSONValue]
  )
  func numbers(value: JSONValue) throws {
    #expect(try YAML.parse(try YAML.serialize(["n": value])) == ["n": value])
  }

  @Test("What is not finite has no YAML here")
  func notFinite() {
    #expect(throws: YAMLError.self) { try YAML.serialize(.double(.infinity)) }
  }
}
