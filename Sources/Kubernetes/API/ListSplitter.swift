import JSON

/// Cuts a list object into the elements of its `items` and the envelope around them, whatever the chunks, so that no more than
/// one element is held at a time.
///
/// It looks at brackets, strings and commas alone; whether an element or the envelope is JSON is for their reader to find.
struct ListSplitter {
  /// What no list has; the text says what.
  struct Malformed: Error, Equatable {
    let reason: String
  }

  /// Where in the document the next byte stands.
  private enum Place {
    /// Outside of the items: before, after, or between the list's own members.
    case envelope
    /// After `"items": [`.
    case firstElement
    case element
    case afterElement
    /// After a comma between elements.
    case nextElement
  }

  private static let envelopeLimit = 1 << 20

  /// The most bytes of an element.
  private let limit: Int
  private var place = Place.envelope
  private var chunk: [UInt8] = []
  private var position = 0
  private var envelope: [UInt8] = []
  private var outer = JSONNesting()
  /// What of the element the chunks before this one held.
  private var element: [UInt8] = []
  private var inner = JSONNesting()
  /// Where in the envelope the list's last own key begins.
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

  /// The next whole element, nil until more is appended.
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

  /// The list without its elements: all that the other members say.
  /// - Throws: `Malformed` where the document has not ended.
  func finish() throws -> [UInt8] {
    guard place == .envelope, outer.depth == 0, !envelope.isEmpty else {
      throw Malformed(reason: "the list breaks off")
    }
    return envelope
  }

  /// Takes the chunk's bytes up to the element's end.
  private mutating func takeElement() throws -> [UInt8]? {
    let start = position
    while position < chunk.count {
      inner.take(chunk[position])
      position += 1
      if inner.depth == 0 { break }
    }
    guard element.count + position - start <= limit else {
      throw Malformed(reason: "an item of more than \(limit) bytes")
    }
    element += chunk[start..<position]
    guard inner.depth == 0 else { return nil }
    place = .afterElement
    var whole: [UInt8] = []
    swap(&whole, &element)
    return whole
  }

  /// Takes one byte between elements or of the envelope; true where it is an element's first, which is left where it is.
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
    case (.afterElement, _): throw Malformed(reason: "items without a comma between them")
    default: throw Malformed(reason: "an item that is no object")
    }
    return false
  }

  private mutating func takeEnvelope(_ byte: UInt8) throws {
    guard envelope.count < Self.envelopeLimit else {
      throw Malformed(reason: "more than \(Self.envelopeLimit) bytes beside the items")
    }
    let wasInString = outer.isInString
    outer.take(byte)
    guard outer.depth >= 0 else { throw Malformed(reason: "brackets that do not match") }
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

  /// Remembers whether the list's own key that ends here is `items`.
  private mutating func followKey(isEnd: Bool, _ wasInString: Bool) {
    guard outer.depth == 1, expectsKey else { return }
    if !wasInString { keyStart = envelope.count - 1 }
    guard isEnd, let start = keyStart else { return }
    isAtItems = envelope[start...].elementsEqual("\"items\"".utf8)
    expectsKey = false
  }
}
