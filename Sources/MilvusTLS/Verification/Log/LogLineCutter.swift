/// One line of a log, or the start of a line that exceeds the limit.
struct RawLogLine {
  let bytes: [UInt8]
  let isCut: Bool
}

/// Splits a log that arrives in chunks into lines. It buffers at most one line, up to the limit.
struct LogLineCutter: Sendable {
  /// Maximum number of bytes kept of a line. Milvus's lines about TLS have about 100 bytes, with a stack trace some
  /// thousand.
  static let lineLimit = 64 << 10

  private var line: [UInt8] = []
  private var isCut = false

  /// Number of buffered bytes.
  var bufferedBytes: Int { line.count }

  /// Consumes a chunk up to the next line break.
  /// - Returns: the line; nil if the chunk has no further line break.
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

  /// The current incomplete line, for the end of the log.
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
