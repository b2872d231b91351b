/// Splits a stream of bytes into lines, independent of chunk boundaries.
struct LineSplitter {
  /// A line exceeds the limit.
  struct LineTooLong: Error {}

  private let limit: Int
  private var pending: [UInt8] = []
  /// Start of the next line.
  private var start = 0
  /// No line break before this index.
  private var scanned = 0

  /// - Parameter limit: maximum length of a line in bytes.
  init(limit: Int) {
    self.limit = limit
  }

  /// Whether bytes remain that no line break ends.
  var hasRest: Bool { start < pending.count }

  mutating func append(_ bytes: [UInt8]) {
    pending.removeSubrange(..<start)
    scanned -= start
    start = 0
    pending += bytes
  }

  /// The next complete line without its line break; nil until more is appended.
  /// - Throws: `LineTooLong`.
  mutating func next() throws -> [UInt8]? {
    guard let end = pending[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
      scanned = pending.count
      guard pending.count - start <= limit else { throw LineTooLong() }
      return nil
    }
    guard end - start <= limit else { throw LineTooLong() }
    defer {
      start = end + 1
      scanned = start
    }
    return Array(pending[start..<end])
  }
}
