import JSON
import Testing

@testable import Kubernetes

struct ListSplitterTests {
  private static let list = #"""
    {"kind": "PodList", "other": {"items": [{"x": 1}], "items": []}, "text": "items",
     "items": [ {"a": "]}\"{[", "b": [{}]} ,{"items":[{}]},
     {} ], "metadata": {"resourceVersion": "7", "continue": "é"}, "last": [1, {"items": [2]}]}

    """#

  @Test("Elements and envelope are the same wherever the bytes are cut", arguments: [1, 2, 3, 7, 64, 10_000])
  func chunks(size: Int) throws {
    let (items, envelope) = try Self.split(Self.list, chunk: size)
    #expect(items == [["a": "]}\"{[", "b": [[:]]], ["items": [[:]]], [:]])
    var expected = try JSONValue(parsing: Self.list)
    expected["items"] = []
    #expect(try JSONValue(parsing: envelope) == expected)
  }

  @Test("What the list says of itself may stand after its items, and items may be none or null")
  func places() throws {
    #expect(try Self.split(#"{"items":[{}],"metadata":{}}"#).items == [[:]])
    #expect(try Self.split(#"{"metadata":{},"items":[]}"#).items == [])
    #expect(try JSONValue(parsing: Self.split(#"{"items":null}"#).envelope) == ["items": .null])
  }

  @Test(
    "What is no list, or breaks off, says why",
    arguments: [
      ("", "the list is incomplete"),
      (#"{"items":[{"a":1}"#, "the list is incomplete"),
      (#"{"items":[{"a":"#, "the list is incomplete"),
      (#"{"items":[]"#, "the list is incomplete"),
      (#"{"items":"#, "the list is incomplete"),
      (#"{"items":[{}{}]}"#, "missing comma between items"),
      (#"{"items":[{},]}"#, "an item is not an object"),
      (#"{"items":[3]}"#, "an item is not an object"),
      (#"{"items":["{"]}"#, "an item is not an object"),
      ("}", "unbalanced brackets"),
      (#"{"items":[{"a":"0123456789012345678901234567890123456789"}]}"#, "an item exceeds 32 bytes"),
      (#"{"items":[{"a":"0123456789012345678901234567890123456789"#, "an item exceeds 32 bytes"),
    ]
  )
  func malformed(text: String, reason: String) throws {
    for size in [1, 5, 1000] {
      #expect(throws: ListSplitter.Malformed(reason: reason)) { try Self.split(text, chunk: size, limit: 32) }
    }
  }

  @Test("An envelope without end is refused before it fills the memory")
  func largeEnvelope() {
    let text = "{\"a\":\"" + String(repeating: "x", count: 1 << 20)
    #expect(throws: ListSplitter.Malformed(reason: "the list exceeds 1048576 bytes without its items")) {
      try Self.split(text, chunk: 1 << 16)
    }
  }

  @Test("Bytes at random never do more than throw")
  func random() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array(#"{}[]",:\ items0"#.utf8)
    for _ in 0..<2000 {
      let prefix = Bool.random(using: &generator) ? #"{"items":["# : ""
      let bytes =
        Array(prefix.utf8) + (0..<40).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
      let text = String(decoding: bytes, as: UTF8.self)
      let whole = try? JSONValue(parsing: text)
      let (items, envelope) = (try? Self.split(text, chunk: 3)) ?? ([], [])
      // What it takes for a list is a list, and what is a list it takes.
      let isList = whole?["items"]?.array?.allSatisfy { $0.object != nil } == true
      #expect(
        isList == ((try? JSONValue(parsing: envelope))?["items"]?.array != nil && !items.contains(.null)),
        "\(text)"
      )
    }
  }

  /// Items that are no JSON become null.
  private static func split(
    _ text: String,
    chunk size: Int = 1000,
    limit: Int = 1000
  ) throws -> (items: [JSONValue], envelope: [UInt8]) {
    var splitter = ListSplitter(limit: limit)
    var items: [JSONValue] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      splitter.append(Array(bytes[start..<min(start + size, bytes.count)]))
      while let item = try splitter.next() { items.append((try? JSONValue(parsing: item)) ?? .null) }
    }
    return (items, try splitter.finish())
  }
}
