import Testing

@testable import YAML

@Suite struct YAMLPlacesTests {
  private static let text = """
    base: &base
      env:
        - {name: A, value: x}
        - name: B.C
          value: y
    copy:
      <<: *base
      own: 1
    list: [one, two]
    common.security.tlsMode: 2
    text: |

        inner:
          deep: [1,
            2]
    plain: "inner: {deep: 1}"
    ---
    second: true
    """

  private func place(_ field: String, in document: Int = 0) throws -> [Int] {
    let place = try YAMLPlaces.all(Self.text)[document].place(of: field)
    return [place.line, place.column]
  }

  @Test func aFieldIsWhereItsKeyIs() throws {
    #expect(try place("base") == [1, 1])
    #expect(try place("base.env") == [2, 3])
    #expect(try place("base.env[A]") == [3, 7])
    #expect(try place("base.env[B.C].value") == [5, 7])
    #expect(try place("base.env.1.value") == [5, 7])
    #expect(try place("list[1]") == [9, 13])
    #expect(try place("common.security.tlsMode") == [10, 1])
    #expect(try place("second", in: 1) == [18, 1])
  }

  @Test func whatIsMergedInIsWhereItIsWritten() throws {
    #expect(try place("copy.env[A]") == [3, 7])
    #expect(try place("copy.own") == [8, 3])
  }

  @Test func theLongestNameCounts() throws {
    let places = try YAMLPlaces.all("a: {b: 1}\na.b: 2\n")[0]
    #expect(places.place(of: "a.b") == YAMLPlaces.Place(line: 2, column: 1))
  }

  @Test func aMissingFieldIsAtItsNearestParent() throws {
    #expect(try place("base.env[Z].value") == [2, 3])
    #expect(try place("base.other.deeper") == [1, 1])
    #expect(try place("nothing") == [1, 1])
    #expect(try place("comm") == [1, 1])
  }

  @Test func aValueIsFoundByItsText() throws {
    let places = try YAMLPlaces.all(Self.text)[0]
    #expect(places.place(ofText: "y") == YAMLPlaces.Place(line: 5, column: 14))
    #expect(places.place(ofText: "y", under: "value") == YAMLPlaces.Place(line: 5, column: 14))
    #expect(places.place(ofText: "y", under: "name") == nil)
    #expect(places.place(ofText: "z") == nil)
  }

  @Test func aLiteralBlockHasLinesOfItsOwn() throws {
    let places = try YAMLPlaces.all(Self.text)[0]
    let block = try #require(try places.embedded(at: "text"))
    #expect(block.places.place(of: "inner.deep") == YAMLPlaces.Place(line: 14, column: 7))
    #expect(block.places.place(of: "inner.deep.1") == YAMLPlaces.Place(line: 15, column: 9))
    let plain = try #require(try places.embedded(at: "plain"))
    #expect(plain.places.place(of: "inner.deep") == YAMLPlaces.Place(line: 16, column: 8))
    #expect(try places.embedded(at: "list") == nil)
    #expect(try places.embedded(at: "missing") == nil)
  }

  @Test func anErrorInABlockIsWhereItIs() throws {
    let places = try YAMLPlaces.all("a:\n  b: |\n    c: 1\n     d: 2\n")[0]
    #expect(throws: YAMLError(message: "mapping values are not allowed in this context", line: 4, column: 7)) {
      try places.embedded(at: "a.b")
    }
  }
}
