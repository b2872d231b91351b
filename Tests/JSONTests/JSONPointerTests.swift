import JSON
import Testing

@Suite struct JSONPointerTests {
  @Test func textAndTokensConvertBothWays() {
    let pointer = JSONPointer(["metadata", "annotations", "tls.milvus.io/external", "a~b"])
    #expect(pointer.description == "/metadata/annotations/tls.milvus.io~1external/a~0b")
    #expect(JSONPointer(parsing: pointer.description) == pointer)
    #expect(JSONPointer(parsing: "no/slash") == nil)
    #expect(JSONPointer(parsing: "/a/~01")?.tokens == ["a", "~1"])
  }

  @Test func readsMembersAndElements() {
    let value: JSONValue = ["a": [["b": 1], ["b": 2]]]
    #expect(value[JSONPointer(["a", "1", "b"])] == 2)
    #expect(value[JSONPointer(["a", "2", "b"])] == nil)
    #expect(value[JSONPointer([])] == value)
  }

  @Test func writesMakeTheWayAndRemovalsLeaveTheRest() {
    var value: JSONValue = ["keep": true]
    value[JSONPointer(["a", "b", "c"])] = 1
    #expect(value == ["keep": true, "a": ["b": ["c": 1]]])
    value[JSONPointer(["a", "b", "c"])] = nil
    #expect(value == ["keep": true, "a": ["b": [:]]])
    value[JSONPointer(["x", "y"])] = nil
    #expect(value["x"] == nil)
  }
}
