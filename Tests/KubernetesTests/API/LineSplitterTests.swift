import Testing

@testable import Kubernetes

struct LineSplitterTests {
  @Test("Lines are the same whatever the chunks", arguments: [1, 2, 3, 5, 7, 100])
  func chunks(size: Int) throws {
    let text = Array("é\n\nzweite Zeile\n🙂🙂\nrest".utf8)
    var splitter = LineSplitter(limit: 100)
    var lines: [String] = []
    for start in stride(from: 0, to: text.count, by: size) {
      splitter.append(Array(text[start..<min(start + size, text.count)]))
      while let line = try splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
    }
    #expect(lines == ["é", "", "zweite Zeile", "🙂🙂"])
    #expect(splitter.hasRest)
  }

  @Test("A line of the limit passes, one more byte does not, with its end in sight or not")
  func limit() throws {
    var splitter = LineSplitter(limit: 3)
    splitter.append(Array("abc".utf8))
    #expect(try splitter.next() == nil)
    splitter.append(Array("\n".utf8))
    #expect(try splitter.next() == Array("abc".utf8))
    #expect(!splitter.hasRest)
    splitter.append(Array("abcd".utf8))
    #expect(throws: LineSplitter.LineTooLong.self) { try splitter.next() }
    var whole = LineSplitter(limit: 3)
    whole.append(Array("abcd\n".utf8))
    #expect(throws: LineSplitter.LineTooLong.self) { try whole.next() }
  }
}
