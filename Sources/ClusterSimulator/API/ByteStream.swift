import FlyingFox
import FlyingSocks

/// A streamed response body.
struct ByteStream: AsyncBufferedSequence {
  typealias Element = UInt8

  private let chunks: AsyncThrowingStream<[UInt8], any Error>

  init(_ chunks: AsyncThrowingStream<[UInt8], any Error>) {
    self.chunks = chunks
  }

  func makeAsyncIterator() -> Iterator {
    Iterator(chunks: chunks.makeAsyncIterator())
  }

  struct Iterator: AsyncBufferedIteratorProtocol {
    var chunks: AsyncThrowingStream<[UInt8], any Error>.AsyncIterator

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      try await chunks.next()
    }

    /// Not supported: FlyingFox only reads whole buffers from a response body.
    mutating func next() async throws -> UInt8? {
      throw SocketError.unsupportedAddress
    }
  }
}
