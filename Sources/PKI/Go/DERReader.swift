/// Reads DER (ITU-T X.690) as strictly as Go does: shortest lengths and integers, tag numbers under 31.
///
/// Every function throws a ``GoRefusal`` that says which part of the input is malformed.
struct DERReader {
  /// One element: its tag, its content, and the whole of it.
  struct Element {
    let tag: UInt8
    let content: ArraySlice<UInt8>
    let encoding: ArraySlice<UInt8>

    /// A reader of the content.
    var reader: DERReader { DERReader(content) }
  }

  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isEmpty: Bool { rest.isEmpty }

  /// Whether an element of this tag is next.
  func isNext(_ tag: UInt8) -> Bool { rest.first == tag }

  /// Whether nothing follows, or the header of an element. Go's encoding/asn1 looks at it to find optional ones.
  var hasHeaderOrNothing: Bool {
    guard let first = rest.first else { return true }
    guard first & 0x1f == 0x1f else { return Self.header(of: rest) != nil }
    // A tag number from 31 to 2^31 - 1, in octets of its own.
    let digits = rest.dropFirst().prefix { $0 >= 0x80 }
    guard let last = rest[digits.endIndex...].first, digits.first ?? last >= 0x1f, digits.first != 0x80,
      digits.count < 4 || digits.count == 4 && rest[digits.startIndex] < 0x88
    else { return false }
    return Self.header(of: ArraySlice([0] + rest[digits.endIndex...].dropFirst())) != nil
  }

  /// Any element.
  mutating func element(_ part: String) throws(GoRefusal) -> Element {
    guard let element = Self.element(in: rest) else { throw GoRefusal("is malformed (\(part))") }
    rest = rest[element.encoding.endIndex...]
    return element
  }

  /// The element of a tag.
  mutating func element(_ tag: UInt8, _ part: String) throws(GoRefusal) -> Element {
    let element = try element(part)
    guard element.tag == tag else { throw GoRefusal("is malformed (\(part))") }
    return element
  }

  /// The content of an element.
  mutating func read(_ tag: UInt8, _ part: String) throws(GoRefusal) -> DERReader { try element(tag, part).reader }

  /// The content of an element that may be absent.
  mutating func readOptional(_ tag: UInt8, _ part: String) throws(GoRefusal) -> DERReader? {
    isNext(tag) ? try read(tag, part) : nil
  }

  /// The octets of an integer, in two's complement.
  mutating func integer(_ part: String, tag: UInt8 = Tag.integer) throws(GoRefusal) -> ArraySlice<UInt8> {
    let octets = try element(tag, part).content
    guard let first = octets.first else { throw GoRefusal("is malformed (\(part))") }
    let second = octets.dropFirst().first
    let isPadded = second.map { first == 0 && $0 < 0x80 || first == 0xff && $0 >= 0x80 } ?? false
    guard !isPadded else { throw GoRefusal("is malformed (\(part))") }
    return octets
  }

  /// An integer of at most 64 bits.
  mutating func smallInteger(_ part: String, tag: UInt8 = Tag.integer) throws(GoRefusal) -> Int {
    let octets = try integer(part, tag: tag)
    guard octets.count <= 8, let first = octets.first else { throw GoRefusal("is malformed (\(part))") }
    return octets.reduce(first < 0x80 ? 0 : -1) { $0 << 8 | Int($1) }
  }

  /// A positive integer without leading zeros.
  mutating func positiveInteger(_ part: String) throws(GoRefusal) -> [UInt8] {
    let octets = try integer(part)
    let digits = octets.drop { $0 == 0 }
    guard let first = octets.first, first < 0x80, !digits.isEmpty else { throw GoRefusal("is malformed (\(part))") }
    return Array(digits)
  }

  mutating func boolean(_ part: String) throws(GoRefusal) -> Bool {
    switch Array(try element(Tag.boolean, part).content) {
    case [0]: return false
    case [0xff]: return true
    default: throw GoRefusal("is malformed (\(part))")
    }
  }

  /// The content of an object identifier, which is the same for the same identifier.
  mutating func objectIdentifier(_ part: String) throws(GoRefusal) -> [UInt8] {
    let octets = Array(try element(Tag.objectIdentifier, part).content)
    guard let last = octets.last, last < 0x80 else { throw GoRefusal("is malformed (\(part))") }
    // Each arc is under 2^31.
    var value = 0
    var isFirst = true
    for octet in octets {
      if isFirst, octet == 0x80 { throw GoRefusal("is malformed (\(part))") }
      guard value < 1 << 24 else { throw GoRefusal("is malformed (\(part))") }
      value = value << 7 | Int(octet & 0x7f)
      isFirst = octet < 0x80
      if isFirst { value = 0 }
    }
    return octets
  }

  /// A bit string and how many bits of its last octet are unused.
  mutating func bitString(_ part: String) throws(GoRefusal) -> (octets: ArraySlice<UInt8>, unusedBits: Int) {
    let content = try element(Tag.bitString, part).content
    let octets = content.dropFirst()
    guard let unused = content.first, unused <= 7, !octets.isEmpty || unused == 0,
      (octets.last ?? 0) & (1 << unused - 1) == 0
    else { throw GoRefusal("is malformed (\(part))") }
    return (octets, Int(unused))
  }

  /// Goes past the header of an explicit tag. Go's encoding/asn1 does not compare the length in it with what follows.
  ///
  /// - Returns: whether the tag is next and something follows it.
  mutating func enter(_ tag: UInt8) -> Bool {
    guard isNext(tag), let header = Self.header(of: rest), header.length > 0 else { return false }
    rest = rest[header.end...]
    return Self.header(of: rest) != nil
  }

  private static func element(in bytes: ArraySlice<UInt8>) -> Element? {
    guard let header = header(of: bytes), bytes.endIndex - header.end >= header.length else { return nil }
    let (start, end) = (bytes.startIndex, header.end + header.length)
    return Element(tag: bytes[start], content: bytes[header.end..<end], encoding: bytes[start..<end])
  }

  /// The length of the first element's content, and where its header ends.
  private static func header(of bytes: ArraySlice<UInt8>) -> (length: Int, end: Int)? {
    let start = bytes.startIndex
    guard bytes.count >= 2, bytes[start] & 0x1f != 0x1f else { return nil }
    var length = Int(bytes[start + 1])
    var end = start + 2
    if length >= 0x80 {
      let size = length & 0x7f
      guard (1...4).contains(size), bytes.count >= 2 + size else { return nil }
      length = bytes[end..<(end + size)].reduce(0) { $0 << 8 | Int($1) }
      end += size
      guard length >= 0x80, length >> ((size - 1) * 8) != 0 else { return nil }
    }
    return (length, end)
  }
}

/// Tags of ASN.1 types, with the bit for constructed ones.
enum Tag {
  static let boolean: UInt8 = 0x01
  static let integer: UInt8 = 0x02
  static let bitString: UInt8 = 0x03
  static let octetString: UInt8 = 0x04
  static let objectIdentifier: UInt8 = 0x06
  static let utf8String: UInt8 = 0x0c
  static let numericString: UInt8 = 0x12
  static let printableString: UInt8 = 0x13
  static let teletexString: UInt8 = 0x14
  static let ia5String: UInt8 = 0x16
  static let utcTime: UInt8 = 0x17
  static let generalizedTime: UInt8 = 0x18
  static let bmpString: UInt8 = 0x1e
  static let sequence: UInt8 = 0x30
  static let set: UInt8 = 0x31

  /// A context-specific tag of a primitive type.
  static func context(_ number: UInt8) -> UInt8 { 0x80 | number }
  /// A context-specific tag of a constructed type.
  static func constructed(_ number: UInt8) -> UInt8 { 0xa0 | number }
}

/// Object identifiers as the content of their DER.
enum ObjectIdentifier {
  /// The encoding of dotted numbers.
  static func encode(_ arcs: [Int]) -> [UInt8] {
    ([arcs[0] * 40 + arcs[1]] + arcs.dropFirst(2)).flatMap { arc in
      var octets = [UInt8(arc & 0x7f)]
      var rest = arc >> 7
      while rest > 0 {
        octets.insert(UInt8(rest & 0x7f) | 0x80, at: 0)
        rest >>= 7
      }
      return octets
    }
  }

  /// Whether every arc ends, and none begins with a needless octet.
  static func isWellFormed(_ octets: [UInt8]) -> Bool {
    guard let last = octets.last, last < 0x80 else { return false }
    return zip([0] + octets, octets).allSatisfy { previous, octet in previous >= 0x80 || octet != 0x80 }
  }

  /// Dotted numbers, for messages.
  static func text(_ octets: [UInt8]) -> String {
    var arcs: [Int] = []
    var value = 0
    for octet in octets {
      value = value << 7 | Int(octet & 0x7f)
      guard octet < 0x80 else { continue }
      let first = min(value / 40, 2)
      arcs += arcs.isEmpty ? [first, value - first * 40] : [value]
      value = 0
    }
    return arcs.map(String.init).joined(separator: ".")
  }
}
