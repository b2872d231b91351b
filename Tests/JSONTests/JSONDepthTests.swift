import JSON
import Testing

@Suite struct JSONDepthTests {
  @Test func valuesBelowTheLimitAreReadAsNull() throws {
    let text = Array(#"{"a":{"b":{"c":1},"t":"]}[{"},"l":[[1],2,[{"x":[]}]],"end":true}"#.utf8)
    #expect(
      try JSONValue(parsing: text, cutBelow: 2) == [
        "a": ["b": .null, "t": "]}[{"], "l": [.null, 2, .null], "end": true,
      ]
    )
    #expect(try JSONValue(parsing: text, cutBelow: 100) == JSONValue(parsing: text))
  }

  @Test func whatNoParserTakesWholeIsRead() throws {
    let deep =
      #"{"name":"x","config":"# + String(repeating: #"{"a":["#, count: 5000) + "1"
      + String(repeating: "]}", count: 5000) + "}"
    let value = try JSONValue(parsing: Array(deep.utf8), cutBelow: 64)
    #expect(value["name"] == "x")
    #expect(value["config"]?["a"]?[0]?["a"] != nil)
  }

  @Test(arguments: ["{\"a\":", "{\"a\":[[[[", "]]]]", "{\"a\":[[[1]]}"])
  func malformedTextIsAnErrorStill(text: String) {
    #expect(throws: JSONParsingError.self) { try JSONValue(parsing: Array(text.utf8), cutBelow: 1) }
  }
}
