/// Cuts a stream of bytes into lines, whatever the chunks.
struct LineSplitter {
  /// A line grew longer than is kept.
  struct LineTooLong: Error {}

  private let limit: Int
  private var pending: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  /// Up to here no line break was found.
  private var scanned = 0

  /// - Parameter limit: the most bytes a line may have.
  init(limit: Int) {
    self.limit = limit
  }

  /// Whether bytes without a line break are left.
  var hasRest: Bool { start < pending.count }

  mutating func append(_ bytes: [UInt8]) {
    pending.removeSubrange(..<start)
    scanned -= start
    start = 0
    pending += bytes
  }

  /// The next whole line without its line break, nil until more is appended.
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
