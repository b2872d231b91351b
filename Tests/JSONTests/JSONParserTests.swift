import Foundation
import JSON
import TestSupport
import Testing

/// The parser against Foundation's, on generated documents and on damaged ones.
@Suite struct JSONParserTests {
  @Test(arguments: Array(UInt64(1)...300))
  func itReadsWhatFoundationReads(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let document = JSONDocument.random(depth: 4, using: &generator)
    var text = Array((seed.isMultiple(of: 2) ? document.spaced : document.text).utf8)
    #expect(try JSONValue(parsing: text).isLike(try foundation(text)), "\(String(decoding: text, as: UTF8.self))")
    for _ in 0..<20 {
      let index = Int.random(in: 0..<text.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: text.remove(at: index)
      case 1: text[index] = UInt8(ascii: "0")
      default: text.insert(Array(#"{}[]",:\ueE-+.019tn "#.utf8).randomElement(using: &generator) ?? 0, at: index)
      }
      guard !text.isEmpty else { break }
      let (own, expected) = (try? JSONValue(parsing: text), try? foundation(text))
      let isLike = own.flatMap { own in expected.map(own.isLike) } ?? (own == nil && expected == nil)
      #expect(isLike, "\(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test(arguments: [
    ##""\u00e9""##: "é", ##""\uD83D\uDE00!""##: "😀!", ##""\b\f\n\r\t\/\\\"""##: "\u{8}\u{C}\n\r\t/\\\"",
    ##""é\u0000""##: "é\0",
  ])
  func escapesAreDecoded(text: String, decoded: String) throws {
    #expect(try JSONValue(parsing: text) == .string(decoded))
  }

  @Test(arguments: [
    ##""\uD83D""##, ##""\uD83D\u0041""##, ##""\uDE00""##, ##""\u12G4""##, ##""\x""##, "01", "1.", ".5", "-", "1e", "+1",
    "1e999",
    "[1,]", #"{"a":1,}"#, #"{a:1}"#, "\u{FEFF}1", "truefalse", "[1 2]", #"{"a" 1}"#,
  ])
  func whatTheStandardDoesNotAllowIsAnError(text: String) {
    #expect(throws: JSONParsingError.self) { try JSONValue(parsing: text) }
  }

  @Test func aTextThatIsNotUTF8IsAnError() {
    #expect(throws: JSONParsingError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
    #expect(throws: JSONParsingError.self) { try JSONValue(parsing: [0x22, 0xC0, 0x80, 0x22] as [UInt8]) }
  }

  @Test func ofAKeyThatIsThereTwiceTheLastCounts() throws {
    #expect(try JSONValue(parsing: #"{"a":1,"a":2}"#) == ["a": 2])
  }

  @Test func anErrorSaysWhere() {
    let error = #expect(throws: JSONParsingError.self) { try JSONValue(parsing: #"{"a":tru}"#) }
    #expect(error?.description == "invalid JSON: unexpected byte 5")
  }

  private func foundation(_ text: [UInt8]) throws -> JSONValue {
    JSONValue(foundation: try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed))
  }
}

/// A generated document: compact, and with white space wherever it may be.
private struct JSONDocument {
  let text: String
  let spaced: String

  static func random(depth: Int, using generator: inout SeededGenerator) -> JSONDocument {
    func pick(_ texts: [String]) -> String { texts.randomElement(using: &generator) ?? "" }
    let strings = [
      #""a""#, #""""#, #""é😀""#, ##""\u00e9\n\"\\""##, #""metadata""#, #""a long text that is not stored inline""#,
    ]
    let count = Int.random(in: 0...4, using: &generator)
    switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
    case 0: return JSONDocument(pick(strings))
    case 1: return JSONDocument(pick(["0", "-0", "7", "-12", "9223372036854775807", "9223372036854775808"]))
    case 2: return JSONDocument(pick(["1.5", "-2.25e3", "1E-2", "0.1", "1e2", "123456789012345678901234567890"]))
    case 3: return JSONDocument(pick(["true", "false", "null"]))
    case 4:
      let elements = (0..<count).map { _ in random(depth: depth - 1, using: &generator) }
      return JSONDocument(
        text: "[" + elements.map(\.text).joined(separator: ",") + "]",
        spaced: " [\n" + elements.map(\.spaced).joined(separator: " ,\t") + "\r ] "
      )
    default:
      let members = (0..<count).map { (pick(strings), random(depth: depth - 1, using: &generator), $0) }.map {
        key,
        value,
        number in ("\"\(number)\(key.dropFirst())", value)
      }
      return JSONDocument(
        text: "{" + members.map { "\($0):\($1.text)" }.joined(separator: ",") + "}",
        spaced: "\t{ " + members.map { "\($0)\n: \($1.spaced)" }.joined(separator: " , ") + "}\n"
      )
    }
  }

  private init(_ text: String) { self.init(text: text, spaced: text) }

  private init(text: String, spaced: String) { (self.text, self.spaced) = (text, spaced) }
}

extension JSONValue {
  /// Whether it is the same document. Foundation rounds numbers of many digits to a neighbour at times.
  fileprivate func isLike(_ other: JSONValue) -> Bool {
    switch (self, other) {
    case (.double(let one), .double(let two)): abs(one - two) <= 4 * one.ulp
    case (.integer(let one), .double(let two)): Double(one) == two
    case (.array(let one), .array(let two)): one.count == two.count && zip(one, two).allSatisfy { $0.isLike($1) }
    case (.object(let one), .object(let two)):
      one.count == two.count && one.allSatisfy { key, value in two[key].map(value.isLike) ?? false }
    default: self == other
    }
  }

  fileprivate init(foundation value: Any) {
    switch value {
    case let value as String: self = .string(value)
    case let value as [String: Any]: self = .object(value.mapValues(JSONValue.init(foundation:)))
    case let value as [Any]: self = .array(value.map(JSONValue.init(foundation:)))
    // Foundation on Linux distinguishes true from 1 by the Objective-C type.
    case let value as NSNumber:
      switch UInt8(bitPattern: value.objCType.pointee) {
      case UInt8(ascii: "c"), UInt8(ascii: "B"): self = .bool(value.boolValue)
      case UInt8(ascii: "q"), UInt8(ascii: "i"): self = .integer(value.intValue)
      default: self = .double(value.doubleValue)
      }
    default: self = .null
    }
  }
}
