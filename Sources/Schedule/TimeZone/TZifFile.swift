/// A compiled time zone: a TZif file of version 2 or later (RFC 9636).
struct TZifFile {
  /// The data is not a usable TZif file; `reason` says why.
  struct Malformed: Error {
    let reason: String
  }

  /// Times at which the offset changes, in seconds since 1970, ascending.
  private(set) var transitions: [Int] = []
  /// The offset from the transition of the same index on, in seconds east of UTC.
  private(set) var offsets: [Int] = []
  /// The offset before the first transition.
  private(set) var initialOffset = 0
  /// The rule for times from the last transition on.
  private(set) var footer: POSIXTimeZone?

  /// UTC forever.
  init() {}

  init(_ bytes: [UInt8]) throws(Malformed) {
    var reader = BigEndianReader(bytes: bytes)
    // The version 1 data comes first, with 32-bit times, for old readers.
    let old = try Header(&reader)
    guard old.version >= UInt8(ascii: "2") else { throw Malformed(reason: "it has no 64-bit times (version 1)") }
    try reader.skip(old.size(timeSize: 4))
    let header = try Header(&reader)
    guard header.leapCount == 0 else { throw Malformed(reason: "it uses leap seconds, which Unix time does not") }
    try readData(header, &reader)
    try readFooter(&reader)
  }

  private mutating func readData(_ header: Header, _ reader: inout BigEndianReader) throws(Malformed) {
    for _ in 0..<header.timeCount { transitions.append(Int(try reader.read(Int64.self))) }
    guard zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw Malformed(reason: "its transitions are out of order")
    }
    var types: [Int] = []
    for _ in 0..<header.timeCount { types.append(Int(try reader.read(UInt8.self))) }
    var offsetsOfTypes: [Int] = []
    for _ in 0..<header.typeCount {
      offsetsOfTypes.append(Int(try reader.read(Int32.self)))
      try reader.skip(2)
    }
    guard offsetsOfTypes.allSatisfy(TimeZoneRules.offsets.contains) else {
      throw Malformed(reason: "an offset is not between -25 and 26 hours")
    }
    guard let first = offsetsOfTypes.first, types.allSatisfy(offsetsOfTypes.indices.contains) else {
      throw Malformed(reason: "a transition refers to a missing type")
    }
    initialOffset = first
    offsets = types.map { offsetsOfTypes[$0] }
    try reader.skip(header.sizeAfterTypes(timeSize: 8))
  }

  /// A TZ string between two line feeds; empty if nothing is known about the future.
  private mutating func readFooter(_ reader: inout BigEndianReader) throws(Malformed) {
    let lineFeed = UInt8(ascii: "\n")
    guard try reader.read(UInt8.self) == lineFeed else { throw Malformed(reason: "it has no footer") }
    let rest = reader.rest
    guard let end = rest.firstIndex(of: lineFeed) else { throw .truncated }
    let text = rest[..<end]
    guard !text.isEmpty else { return }
    footer = POSIXTimeZone(text)
    guard footer != nil else {
      throw Malformed(reason: "its footer \(String(decoding: text, as: UTF8.self).quoted) is not a valid rule")
    }
  }
}

extension TZifFile {
  private struct Header {
    let version: UInt8
    let utcIndicatorCount: Int
    let standardIndicatorCount: Int
    let leapCount: Int
    let timeCount: Int
    let typeCount: Int
    let nameSize: Int

    init(_ reader: inout BigEndianReader) throws(Malformed) {
      guard try reader.read(UInt32.self) == 0x545A_6966 else { throw Malformed(reason: "it is not a TZif file") }
      version = try reader.read(UInt8.self)
      try reader.skip(15)
      utcIndicatorCount = Int(try reader.read(UInt32.self))
      standardIndicatorCount = Int(try reader.read(UInt32.self))
      leapCount = Int(try reader.read(UInt32.self))
      timeCount = Int(try reader.read(UInt32.self))
      typeCount = Int(try reader.read(UInt32.self))
      nameSize = Int(try reader.read(UInt32.self))
    }

    /// Size in bytes of the data block that follows.
    func size(timeSize: Int) -> Int { timeCount * (timeSize + 1) + typeCount * 6 + sizeAfterTypes(timeSize: timeSize) }

    func sizeAfterTypes(timeSize: Int) -> Int {
      nameSize + leapCount * (timeSize + 4) + standardIndicatorCount + utcIndicatorCount
    }
  }
}

extension TZifFile.Malformed {
  fileprivate static let truncated = Self(reason: "it is truncated")
}

/// Reads consecutive integers; reading past the end is an error.
private struct BigEndianReader {
  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }
  var rest: ArraySlice<UInt8> { bytes[position...] }

  mutating func read<Integer: FixedWidthInteger>(_: Integer.Type) throws(TZifFile.Malformed) -> Integer {
    let start = position
    try skip(Integer.bitWidth / 8)
    return bytes[start..<position].reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
  }

  mutating func skip(_ count: Int) throws(TZifFile.Malformed) {
    guard count <= remaining else { throw .truncated }
    position += count
  }
}
