import FlyingFox
import FlyingSocks

/// The body of an answer that is sent as it comes.
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

    /// Byte by byte is not how FlyingFox reads a body that it sends.
    mutating func next() async throws -> UInt8? {
      throw SocketError.unsupportedAddress
    }
  }
}
