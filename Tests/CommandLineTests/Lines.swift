import Foundation

/// The lines from a pipe, as they arrive.
struct Lines: AsyncSequence {
  private let lines: AsyncStream<String>

  init(_ handle: FileHandle) {
    lines = AsyncStream { continuation in
      // A separate thread, so that no task blocks on a process.
      Thread.detachNewThread {
        var buffer = Data()
        while true {
          let chunk = handle.availableData
          if chunk.isEmpty { break }
          buffer += chunk
          while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
            continuation.yield(String(decoding: buffer[..<end], as: UTF8.self))
            buffer.removeSubrange(...end)
          }
        }
        continuation.finish()
      }
    }
  }

  func makeAsyncIterator() -> AsyncStream<String>.Iterator { lines.makeAsyncIterator() }
}
