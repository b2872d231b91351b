/// One line of a log; a cut one is the start of a longer line.
struct RawLogLine {
  let bytes: [UInt8]
  let isCut: Bool
}

/// Cuts a log that arrives in pieces into lines, in memory of one line's limit at the most, however long the lines are.
struct LogLineCutter: Sendable {
  /// How much of a line is kept, in bytes: Milvus's own on TLS have some 100, with a stack trace some thousand.
  static let lineLimit = 64 << 10

  private var line: [UInt8] = []
  private var isCut = false

  /// How much of the log is held.
  var bufferedBytes: Int { line.count }

  /// Takes from a chunk up to the next end of a line.
  /// - Returns: nil when the chunk is used up.
  mutating func next(in chunk: inout ArraySlice<UInt8>) -> RawLogLine? {
    guard let end = chunk.firstIndex(of: UInt8(ascii: "\n")) else {
      keep(chunk)
      chunk = []
      return nil
    }
    keep(chunk[..<end])
    chunk = chunk[(end + 1)...]
    return rest()
  }

  /// The line that has begun, as at the log's end.
  mutating func rest() -> RawLogLine {
    defer {
      line.removeAll(keepingCapacity: true)
      isCut = false
    }
    return RawLogLine(bytes: line, isCut: isCut)
  }

  private mutating func keep(_ piece: ArraySlice<UInt8>) {
    let room = Self.lineLimit - line.count
    if piece.count > room { isCut = true }
    line += piece.prefix(room)
  }
}
