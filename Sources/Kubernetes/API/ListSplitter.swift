import JSON

/// Splits a list object into the elements of its `items` and the envelope around them, independent of chunk boundaries.
/// At most one element is buffered.
///
/// It only tracks brackets, strings and commas. The reader of an element or the envelope checks that it is JSON.
struct ListSplitter {
  /// The document is not a list; `reason` says why.
  struct Malformed: Error, Equatable {
    let reason: String
  }

  /// Position of the next byte in the document.
  private enum Place {
    /// Outside `items`: before, after, or between the list's own members.
    case envelope
    /// After `"items": [`.
    case firstElement
    case element
    case afterElement
    /// After a comma between elements.
    case nextElement
  }

  private static let envelopeLimit = 1 << 20

  /// Maximum size of an element in bytes.
  private let limit: Int
  private var place = Place.envelope
  private var chunk: [UInt8] = []
  private var position = 0
  private var envelope: [UInt8] = []
  private var outer = JSONNesting()
  /// The part of the current element from earlier chunks.
  private var element: [UInt8] = []
  private var inner = JSONNesting()
  /// Where in the envelope the list's current key begins.
  private var keyStart: Int?
  private var expectsKey = false
  private var isAtItems = false

  init(limit: Int) {
    self.limit = limit
  }

  mutating func append(_ bytes: [UInt8]) {
    chunk = position < chunk.count ? Array(chunk[position...]) + bytes : bytes
    position = 0
  }

  /// The next complete element; nil until more is appended.
  /// - Throws: `Malformed`.
  mutating func next() throws -> [UInt8]? {
    while position < chunk.count {
      if place == .element {
        if let whole = try takeElement() { return whole }
        continue
      }
      let byte = chunk[position]
      if try beginsElement(byte) { continue }
      position += 1
    }
    return nil
  }

  /// The list without its elements.
  /// - Throws: `Malformed` if the document is incomplete.
  func finish() throws -> [UInt8] {
    guard place == .envelope, outer.depth == 0, !envelope.isEmpty else {
      throw Malformed(reason: "the list is incomplete")
    }
    return envelope
  }

  /// Takes the chunk's bytes up to the end of the element.
  private mutating func takeElement() throws -> [UInt8]? {
    let start = position
    while position < chunk.count {
      inner.take(chunk[position])
      position += 1
      if inner.depth == 0 { break }
    }
    guard element.count + position - start <= limit else {
      throw Malformed(reason: "an item exceeds \(limit) bytes")
    }
    element += chunk[start..<position]
    guard inner.depth == 0 else { return nil }
    place = .afterElement
    var whole: [UInt8] = []
    swap(&whole, &element)
    return whole
  }

  /// Consumes one byte of the envelope or between elements. Returns true, without consuming it, for the first byte of
  /// an element.
  private mutating func beginsElement(_ byte: UInt8) throws -> Bool {
    if place == .envelope {
      try takeEnvelope(byte)
      return false
    }
    switch (place, byte) {
    case (_, UInt8(ascii: " ")), (_, UInt8(ascii: "\n")), (_, UInt8(ascii: "\r")), (_, UInt8(ascii: "\t")): break
    case (.firstElement, UInt8(ascii: "{")), (.nextElement, UInt8(ascii: "{")):
      place = .element
      return true
    case (.afterElement, UInt8(ascii: ",")): place = .nextElement
    case (.firstElement, UInt8(ascii: "]")), (.afterElement, UInt8(ascii: "]")):
      place = .envelope
      try takeEnvelope(byte)
    case (.afterElement, _): throw Malformed(reason: "missing comma between items")
    default: throw Malformed(reason: "an item is not an object")
    }
    return false
  }

  private mutating func takeEnvelope(_ byte: UInt8) throws {
    guard envelope.count < Self.envelopeLimit else {
      throw Malformed(reason: "the list exceeds \(Self.envelopeLimit) bytes without its items")
    }
    let wasInString = outer.isInString
    outer.take(byte)
    guard outer.depth >= 0 else { throw Malformed(reason: "unbalanced brackets") }
    envelope.append(byte)
    if wasInString || outer.isInString { return followKey(isEnd: wasInString && !outer.isInString, wasInString) }
    switch byte {
    case UInt8(ascii: "{") where outer.depth == 1: expectsKey = true
    case UInt8(ascii: ","):
      guard outer.depth == 1 else { return }
      expectsKey = true
      isAtItems = false
    case UInt8(ascii: "[") where outer.depth == 2 && isAtItems:
      isAtItems = false
      place = .firstElement
    default: break
    }
  }

  /// Records whether the list's own key that ends here is `items`.
  private mutating func followKey(isEnd: Bool, _ wasInString: Bool) {
    guard outer.depth == 1, expectsKey else { return }
    if !wasInString { keyStart = envelope.count - 1 }
    guard isEnd, let start = keyStart else { return }
    isAtItems = envelope[start...].elementsEqual("\"items\"".utf8)
    expectsKey = false
  }
}
