/// What can happen to a line of a watch on its way.
public enum WatchFault: Sendable {
  /// Half of it comes, and the connection breaks.
  case reset
  /// Half of it comes, and the answer ends as if that were all.
  case truncation
  /// A line comes ahead of it that is no JSON.
  case garbage
  /// A line comes ahead of it that is longer than any event, in bytes.
  case oversize(Int)
  /// It comes twice.
  case duplicate
  /// It comes later, and the lines after it before it.
  case late(Duration)
  /// It and everything after it comes later.
  case stall(Duration)
  /// It comes in pieces of a byte or some, over a while.
  case drip(Duration)
}

/// Sends the lines of a watch through the faults that are asked for.
struct DisturbedLines: Sendable {
  private static let pieces = 20

  let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
  let nextFault: @Sendable () -> WatchFault?

  /// - Throws: `WatchCut` where the connection is to break, `CancellationError`.
  func send(_ line: [UInt8]) async throws {
    switch nextFault() {
    case nil: continuation.yield(line)
    case .reset:
      continuation.yield(Array(line.prefix(line.count / 2)))
      throw WatchCut()
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
