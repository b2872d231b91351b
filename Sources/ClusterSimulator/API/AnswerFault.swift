/// A fault of a response in transit, or of one line of a watch.
public enum AnswerFault: Sendable {
  /// Half of it arrives, then the connection breaks.
  case reset
  /// Half of it arrives, and the response ends as if it were complete.
  case truncation
  /// A line that is not JSON precedes it.
  case garbage
  /// A line of this many bytes, longer than any object, precedes it.
  case oversize(Int)
  /// It arrives twice.
  case duplicate
  /// It is delayed; later lines overtake it. Only for lines of watches.
  case late(Duration)
  /// It and everything after it is delayed.
  case stall(Duration)
  /// It arrives in small pieces, over this time.
  case drip(Duration)
}

/// The connection broke in the middle of a response.
struct AnswerCut: Error {}

/// Applies the requested faults to lines.
struct DisturbedLines: Sendable {
  private static let pieces = 20

  private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
  private let nextFault: @Sendable () -> AnswerFault?

  /// The lines as they arrive.
  /// - Parameter onEnd: called when there are no more lines, or the reader has gone.
  static func stream(
    of lines: some AsyncSequence<[UInt8], any Error> & Sendable,
    nextFault: @escaping @Sendable () -> AnswerFault?,
    onEnd: @escaping @Sendable () -> Void = {}
  ) -> AsyncThrowingStream<[UInt8], any Error> {
    let (stream, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    let disturbed = DisturbedLines(continuation: continuation, nextFault: nextFault)
    let pump = Task {
      do {
        for try await line in lines { try await disturbed.send(line) }
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    continuation.onTermination = { _ in
      pump.cancel()
      onEnd()
    }
    return stream
  }

  /// - Throws: `AnswerCut` if the connection must break, `CancellationError`.
  private func send(_ line: [UInt8]) async throws {
    switch nextFault() {
    case nil: continuation.yield(line)
    case .reset:
      continuation.yield(Array(line.prefix(line.count / 2)))
      throw AnswerCut()
    case .truncation:
      continuation.yield(Array(line.prefix(line.count / 2)))
      continuation.finish()
    case .garbage:
      continuation.yield(Array("<html>\u{fffd}{{]\n".utf8) + line)
    case .oversize(let count):
      continuation.yield(Array(repeating: UInt8(ascii: "x"), count: count) + [UInt8(ascii: "\n")] + line)
    case .duplicate:
      continuation.yield(line)
      continuation.yield(line)
    case .late(let delay):
      Task {
        try await Task.sleep(for: delay)
        continuation.yield(line)
      }
    case .stall(let delay):
      try await Task.sleep(for: delay)
      continuation.yield(line)
    case .drip(let duration):
      let size = max(1, line.count / Self.pieces)
      for start in stride(from: 0, to: line.count, by: size) {
        continuation.yield(Array(line[start..<min(start + size, line.count)]))
        try await Task.sleep(for: duration / Self.pieces)
      }
    }
  }
}
