/// What can happen to an answer on its way, or to a line of a watch.
public enum AnswerFault: Sendable {
  /// Half of it comes, and the connection breaks.
  case reset
  /// Half of it comes, and the answer ends as if that were all.
  case truncation
  /// A line comes ahead of it that is no JSON.
  case garbage
  /// A line comes ahead of it that is longer than any object, in bytes.
  case oversize(Int)
  /// It comes twice.
  case duplicate
  /// It comes later, and the lines after it before it. For lines of watches alone.
  case late(Duration)
  /// It and everything after it comes later.
  case stall(Duration)
  /// It comes in pieces of a byte or some, over a while.
  case drip(Duration)
}

/// The connection broke in the middle of an answer.
struct AnswerCut: Error {}

/// Sends lines through the faults that are asked for.
struct DisturbedLines: Sendable {
  private static let pieces = 20

  private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
  private let nextFault: @Sendable () -> AnswerFault?

  /// The lines as they arrive.
  /// - Parameter onEnd: called when there are no more, or nobody wants them any more.
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

  /// - Throws: `AnswerCut` where the connection is to break, `CancellationError`.
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
