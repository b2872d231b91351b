import JSON
import Testing

@Suite struct MergePatchTests {
  /// The examples of RFC 7396, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
    (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
    (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
    (#"{"a":"foo"}"#, #"null"#, #"null"#),
    (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#),
    (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func mergesAsTheStandardSays(original: String, patch: String, result: String) throws {
    #expect(try JSONValue(parsing: original).merging(JSONValue(parsing: patch)) == JSONValue(parsing: result))
  }

  @Test func aDifferenceIsTheSmallestPatchThatMakesIt() {
    let old: JSONValue = ["keep": 1, "drop": 2, "deep": ["same": true, "other": "a"], "list": [1, 2]]
    let new: JSONValue = ["keep": 1, "deep": ["same": true, "other": "b"], "list": [1, 2, 3], "more": [:]]
    let patch = old.mergePatch(to: new)
    #expect(patch == ["drop": .null, "deep": ["other": "b"], "list": [1, 2, 3], "more": [:]])
    #expect(patch.map(old.merging) == new)
    #expect(old.mergePatch(to: old) == nil)
  }
}
