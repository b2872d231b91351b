import Foundation
import JSON
import Testing

@Suite struct JSONValueTests {
  @Test func parsingKeepsEachKindApart() throws {
    let value = try JSONValue(
      parsing:
        #"{"t":true,"f":false,"one":1,"zero":0,"half":0.5,"text":"é\n","none":null,"list":[1,true,"x"],"deep":{"a":{"b":2}}}"#
    )
    #expect(value["t"] == .bool(true))
    #expect(value["f"] == .bool(false))
    #expect(value["one"] == .integer(1))
    #expect(value["zero"] == .integer(0))
    #expect(value["half"] == .double(0.5))
    #expect(value["text"] == .string("é\n"))
    #expect(value["none"] == .null)
    #expect(value["list"] == [1, true, "x"])
    #expect(value[path: "deep", "a", "b"] == 2)
    #expect(value[path: "deep", "x", "b"] == nil)
  }

  @Test(arguments: ["9007199254740993", "-123456789012345", "9223372036854775807"])
  func integersKeepAllTheirDigits(text: String) throws {
    #expect(try JSONValue(parsing: text).description == text)
  }

  @Test func numbersPastSixtyFourBitsBecomeDoubles() throws {
    #expect(try JSONValue(parsing: "1e30") == .double(1e30))
    #expect(try JSONValue(parsing: "18446744073709551615") == .double(18_446_744_073_709_551_616))
  }

  @Test func serializingIsSortedAndParsesBack() throws {
    let value: JSONValue = [
      "b": [1, 2.5, true, .null], "a": ["quote\"": "back\\slash \u{1} \u{1F600} /"], "e": [:], "l": [],
    ]
    let text = value.description
    #expect(text == #"{"a":{"quote\"":"back\\slash \u0001 😀 /"},"b":[1,2.5,true,null],"e":{},"l":[]}"#)
    #expect(try JSONValue(parsing: text) == value)
    #expect(try JSONValue(parsing: value.serialized(pretty: true)) == value)
  }

  @Test(arguments: ["", "{", #"{"a":}"#, "[1", "nul", "{} x", "\"\u{1}\""])
  func malformedTextIsAnError(text: String) {
    #expect(throws: JSONParsingError.self) { try JSONValue(parsing: text) }
  }

  @Test func deepNestingIsAnErrorAndNotACrash() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONParsingError.self) { try JSONValue(parsing: text) }
  }

  @Test func writingThroughSubscriptsMakesAndRemovesMembers() {
    var value: JSONValue = ["a": 1]
    value["b"] = "x"
    value["a"] = nil
    #expect(value == ["b": "x"])
  }
}
